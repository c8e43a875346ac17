/* SPDX-License-Identifier: Apache-2.0
 *
 * Which axis is which, and what is cropped.
 */
#include "benchmarks/kernels/instances.h"

#include "core/str.h"

static void shape_text(int ndim, const size_t *shape, plx_sb *sb)
{
    for (int k = 0; k < ndim; k++) {
        plx_sb_printf(sb, "%s%zu", k ? " x " : "", shape[k]);
    }
}

bool plx_label_layout_of(int ndim, const size_t *shape, int spatial, bool squeeze, plx_label_layout *out, plx_err *err)
{
    int kept[PLX_MAX_DIMS] = {0}, n = 0;
    for (int k = 0; k < ndim; k++) {
        bool drop = shape[k] == 1 && (squeeze || ndim - k + n > spatial + 1);
        if (!drop) {
            kept[n++] = k;
        }
    }
    bool channels = n == spatial + 1;
    if (n != spatial && !channels) {
        plx_sb text = {0};
        shape_text(ndim, shape, &text);
        plx_fail(err, PLX_E_FORMAT, "labels of shape %s are not a %d-dimensional image", plx_sb_str(&text), spatial);
        plx_sb_free(&text);
        return plx_err_why(err, "expected %d axes, or %d with channels first, and found %d%s", spatial, spatial + 1, n,
                           squeeze ? " longer than 1" : "");
    }
    *out = (plx_label_layout){.n_channels = channels ? shape[kept[0]] : 1};
    out->axis[0] = channels ? kept[0] : -1;
    for (int k = 0; k < 3; k++) {
        int i = n - 3 + k; /* of the kept ones; a plane has no z */
        bool is_there = i >= (channels ? 1 : 0);
        out->axis[k + 1] = is_there ? kept[i] : -1;
        out->shape[k] = out->crop_n[k] = is_there ? shape[kept[i]] : 1;
        if (out->shape[k] == 0) {
            return plx_fail(err, PLX_E_FORMAT, "an axis of the labels has length 0");
        }
    }
    return out->n_channels > 0 || plx_fail(err, PLX_E_FORMAT, "the labels have no channel");
}

static bool fits(const plx_label_layout *small, const plx_label_layout *big)
{
    for (int k = 0; k < 3; k++) {
        if (small->shape[k] > big->shape[k]) {
            return false;
        }
    }
    return true;
}

static void crop_to(plx_label_layout *big, const plx_label_layout *small)
{
    for (int k = 0; k < 3; k++) {
        big->crop_lo[k] = (big->shape[k] - small->shape[k]) / 2;
        big->crop_n[k] = small->shape[k];
    }
}

bool plx_label_layout_crop(plx_label_layout *a, plx_label_layout *b, bool *cropped, plx_err *err)
{
    bool a_fits = fits(a, b), b_fits = fits(b, a);
    *cropped = a_fits != b_fits;
    if (!a_fits && !b_fits) {
        plx_sb text = {0};
        shape_text(3, a->shape, &text);
        plx_sb_text(&text, " and ");
        shape_text(3, b->shape, &text);
        plx_fail(err, PLX_E_FORMAT, "cropping cannot bring %s (z, y, x) to one size", plx_sb_str(&text));
        plx_sb_free(&text);
        return plx_err_why(err, "each of the two is bigger along some axis");
    }
    if (*cropped) {
        crop_to(a_fits ? b : a, a_fits ? a : b);
    }
    return true;
}
