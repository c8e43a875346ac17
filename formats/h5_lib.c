/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding libhdf5 when it is needed: it drags some 40 libraries along, which every other command does without. Loaded
 * by the parent, so that the child need not load anything, and called by the child alone.
 */
#define _GNU_SOURCE /* RTLD_NODELETE */
#include "formats/h5_lib.h"

#include <dlfcn.h>
#include <string.h>

/* The 1.10 series: later ones changed structures that are used here. */
static const char *const names[] = {"libhdf5_serial.so.103", "libhdf5.so.103"};

static bool find(void *handle, const char *name, void *out)
{
    void *symbol = dlsym(handle, name);
    memcpy(out, &symbol, sizeof symbol); /* ISO C has no cast from void * to a function */
    return symbol != NULL;
}

bool plx_h5_load(plx_h5_lib *lib, plx_err *err)
{
    void *handle = NULL;
    for (size_t i = 0; !handle && i < sizeof names / sizeof *names; i++) {
        handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    }
    if (!handle) {
        plx_fail(err, PLX_E_UNSUPPORTED, "HDF5 files cannot be read: the library %s is not there", names[0]);
        return plx_err_next(err, "apt-get install libhdf5-103-1");
    }
    bool ok = find(handle, "H5P_CLS_FILE_ACCESS_ID_g", &lib->file_access) &&
              find(handle, "H5P_CLS_DATASET_ACCESS_ID_g", &lib->dataset_access) &&
              find(handle, "H5T_STD_REF_OBJ_g", &lib->ref_obj);
#define FIND(name) ok = ok && find(handle, #name, &lib->name);
    PLX_H5_FUNCTIONS(FIND)
#undef FIND
    dlclose(handle); /* RTLD_NODELETE: it stays */
    return ok ||
           plx_fail(err, PLX_E_UNSUPPORTED, "HDF5 files cannot be read: %s lacks functions of version 1.10", names[0]);
}
