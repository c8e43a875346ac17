/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl as a table of functions. Only this header includes curl.h.
 */
#ifndef PLX_REGISTRY_TRANSPORT_HTTP_LIB_H
#define PLX_REGISTRY_TRANSPORT_HTTP_LIB_H

#include "core/err.h"

#define CURL_DISABLE_TYPECHECK /* the checks are macros in the place of functions */
#include <curl/curl.h>

#define PLX_CURL_FUNCTIONS(X)                                                                                          \
    X(curl_global_init)                                                                                                \
    X(curl_version_info)                                                                                               \
    X(curl_easy_init)                                                                                                  \
    X(curl_easy_cleanup)                                                                                               \
    X(curl_easy_reset)                                                                                                 \
    X(curl_easy_setopt)                                                                                                \
    X(curl_easy_perform)                                                                                               \
    X(curl_easy_getinfo)                                                                                               \
    X(curl_easy_strerror)                                                                                              \
    X(curl_slist_append)                                                                                               \
    X(curl_slist_free_all)                                                                                             \
    X(curl_url)                                                                                                        \
    X(curl_url_cleanup)                                                                                                \
    X(curl_url_set)                                                                                                    \
    X(curl_url_get)                                                                                                    \
    X(curl_free)

typedef struct plx_curl {
/* A member cannot be named in parentheses. */
#define PLX_CURL_FIELD(name) __typeof__(&(name)) name; /* NOLINT(bugprone-macro-parentheses) */
    PLX_CURL_FUNCTIONS(PLX_CURL_FIELD)
#undef PLX_CURL_FIELD
} plx_curl;

/* Load the library into this process for good. errors: UNSUPPORTED naming what is missing. */
bool plx_curl_load(plx_curl *lib, plx_err *err);

#endif
