# One static library per folder. A part sees only the headers of the parts it links: each folder is reachable as
# "<folder>/x.h" through a directory of its own that holds nothing but a link to it, so a wrong include does not compile.

# plx_part(core SOURCES a.c b.c LINKS schemas PRIVATE_LINKS SQLite::SQLite3); FOLDER a/b where it is not the part's name.
function(plx_part name)
    cmake_parse_arguments(ARG "" "FOLDER" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
    if(NOT ARG_FOLDER)
        set(ARG_FOLDER ${name})
    endif()
    set(view ${PROJECT_BINARY_DIR}/include/${name})
    get_filename_component(above ${view}/${ARG_FOLDER} DIRECTORY)
    file(MAKE_DIRECTORY ${above})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${view}/${ARG_FOLDER} SYMBOLIC)
    add_library(plx_${name} STATIC ${ARG_SOURCES})
    target_include_directories(plx_${name} PUBLIC ${view})
    target_link_libraries(plx_${name} PUBLIC plx_compile)
    foreach(part IN LISTS ARG_LINKS)
        target_link_libraries(plx_${name} PUBLIC plx_${part})
    endforeach()
    target_link_libraries(plx_${name} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# Driver sources from a .def list: lines PLX_METRIC(roc_auc) give <prefix>roc_auc.c. The C table reads the same file.
function(plx_drivers def prefix out)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${def})
    file(STRINGS ${def} lines REGEX "^PLX_[A-Z]+\\([a-z0-9_]+\\)")
    set(sources)
    foreach(line IN LISTS lines)
        string(REGEX REPLACE "^PLX_[A-Z]+\\(([a-z0-9_]+)\\).*" "\\1" driver "${line}")
        list(APPEND sources ${prefix}${driver}.c)
    endforeach()
    set(${out} ${sources} PARENT_SCOPE)
endfunction()

# Files as bytes in the program: a generated C file with a sorted table `symbol` of {name, bytes, length}
# (struct plx_embedded in core/embed.h). Names are relative to BASE.
function(plx_embed symbol output)
    cmake_parse_arguments(ARG "" "BASE" "FILES" ${ARGN})
    list(SORT ARG_FILES)
    string(REPLACE ";" "\n" listing "${ARG_FILES}")
    set(list_file ${output}.list)
    file(GENERATE OUTPUT ${list_file} CONTENT "${listing}\n")
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DSYMBOL=${symbol} -DBASE=${ARG_BASE} -DLIST=${list_file} -DOUTPUT=${output}
                -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
        DEPENDS ${ARG_FILES} ${list_file} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
        VERBATIM)
endfunction()
