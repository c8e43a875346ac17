# Flags every part is compiled with. Floating point never contracts or reorders: scores must be equal on every compiler.
include(CheckCCompilerFlag)

add_library(plx_compile INTERFACE)
target_compile_definitions(plx_compile INTERFACE _POSIX_C_SOURCE=200809L _FILE_OFFSET_BITS=64)
target_compile_options(plx_compile INTERFACE
    -ffp-contract=off -fno-fast-math -fno-common -fvisibility=hidden
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wundef -Wvla -Wformat=2 -Wcast-qual -Wpointer-arith -Wwrite-strings -Wswitch-enum
    -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough)
if(PLEXUS_WERROR)
    target_compile_options(plx_compile INTERFACE -Werror)
endif()

if(PLEXUS_SANITIZE)
    target_compile_options(plx_compile INTERFACE -fsanitize=${PLEXUS_SANITIZE} -fno-sanitize-recover=all
                           -fno-omit-frame-pointer)
    target_link_options(plx_compile INTERFACE -fsanitize=${PLEXUS_SANITIZE})
else()
    target_compile_options(plx_compile INTERFACE $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2> -fstack-protector-strong
                           -fstack-clash-protection)
    check_c_compiler_flag(-fcf-protection PLX_HAS_CF_PROTECTION)
    if(PLX_HAS_CF_PROTECTION)
        target_compile_options(plx_compile INTERFACE -fcf-protection)
    endif()
    target_link_options(plx_compile INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
endif()
if(PLEXUS_COVERAGE)
    target_compile_options(plx_compile INTERFACE --coverage -O0)
    target_link_options(plx_compile INTERFACE --coverage)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g -DNDEBUG")
