/* SPDX-License-Identifier: Apache-2.0
 *
 * What this program was built from and with; the build writes build_info.c (cmake/build_info.cmake).
 */
#ifndef PLX_CLI_BUILD_INFO_H
#define PLX_CLI_BUILD_INFO_H

typedef struct plx_build_info {
    const char *version;
    const char *commit; /* "" when not built from a git tree; "-dirty" behind it when files were changed */
    const char *date;   /* of the commit, or of the build: "2026-11-24" */
    const char *compiler, *build_type, *flags, *sanitize;
    const char *sqlite, *zlib, *libarchive, *libyaml; /* of the headers compiled against */
} plx_build_info;

extern const plx_build_info plx_build;

#endif
