/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding libcurl when the first address is asked: it drags some 30 libraries along, which every other command does
 * without.
 */
#define _GNU_SOURCE /* RTLD_NODELETE */
#include "registry/transport_http_lib.h"

#include <dlfcn.h>
#include <string.h>

static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4"};

/* From here on curl_global_init may be called by several threads, and protocols are named. */
enum { OLDEST = 0x075500 };

static bool find(void *handle, const char *name, void *out)
{
    void *symbol = dlsym(handle, name);
    memcpy(out, &symbol, sizeof symbol); /* ISO C has no cast from void * to a function */
    return symbol != NULL;
}

bool plx_curl_load(plx_curl *lib, plx_err *err)
{
    void *handle = NULL;
    for (size_t i = 0; !handle && i < sizeof names / sizeof *names; i++) {
        handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    }
    if (!handle) {
        plx_fail(err, PLX_E_UNSUPPORTED, "nothing can be downloaded: the library %s is not there", names[0]);
        return plx_err_next(err, "apt-get install libcurl4");
    }
    bool ok = true;
#define FIND(name) ok = ok && find(handle, #name, &lib->name);
    PLX_CURL_FUNCTIONS(FIND)
#undef FIND
    dlclose(handle); /* RTLD_NODELETE: it stays */
    if (!ok || lib->curl_version_info(CURLVERSION_NOW)->version_num < OLDEST) {
        plx_fail(err, PLX_E_UNSUPPORTED, "nothing can be downloaded: the library %s is older than 7.85", names[0]);
        return plx_err_next(err, "apt-get install libcurl4");
    }
    return lib->curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ||
           plx_fail(err, PLX_E_NOMEM, "libcurl could not be started");
}
