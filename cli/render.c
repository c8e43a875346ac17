/* SPDX-License-Identifier: Apache-2.0
 *
 * How errors, tables and trees look.
 */
#include "cli/cli.h"

#include "formats/json.h"
#include "formats/toml_write.h"

#include <errno.h>

static void line(FILE *to, const char *label, const char *text, bool color)
{
    if (text[0]) {
        fprintf(to, "  %s%s%s%*s%s\n", color ? "\033[2m" : "", label, color ? "\033[0m" : "", (int)(7 - strlen(label)),
                "", text);
    }
}

void plx_render_err(FILE *to, const plx_err *err, bool color)
{
    char where[PLX_ERR_NOTES * (PLX_ERR_NOTE + 2) + 1] = "";
    size_t used = 0;
    for (int i = 0; i < err->n_notes && used < sizeof where; i++) {
        int n = snprintf(where + used, sizeof where - used, "%s%s", i ? "; " : "", err->note[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    fprintf(to, "%splexus:%s %s\n", color ? "\033[1;31m" : "", color ? "\033[0m" : "", err->what);
    line(to, "where:", where, color);
    line(to, "why:", err->why, color);
    line(to, "kept:", err->kept, color);
    line(to, "next:", err->next, color);
}

bool plx_cli_grid(plx_cli *cli, const plx_grid *grid, plx_err *err)
{
    switch (cli->out_format) {
    case PLX_OUT_TEXT:
        return plx_grid_print_text(grid, cli->out, cli->width, cli->color, err);
    case PLX_OUT_CSV:
        return plx_grid_print_csv(grid, cli->out, err);
    case PLX_OUT_MD:
        return plx_grid_print_markdown(grid, cli->out, err);
    case PLX_OUT_HTML:
        return plx_grid_print_html(grid, cli->out, err);
    case PLX_OUT_JSON:
    case PLX_OUT_JSONL:
    case PLX_OUT_TOML:
        break;
    }
    return plx_fail(err, PLX_E_BUG, "a table of texts was to be printed as JSON");
}

static bool print_json(plx_cli *cli, const plx_value *value, bool pretty, plx_err *err)
{
    plx_sb text = {0};
    bool ok =
        cli->out_format == PLX_OUT_TOML ? plx_toml_write(value, &text, err) : plx_json_write(value, pretty, &text, err);
    if (ok) {
        size_t len = text.len;
        const char *bytes = plx_sb_str(&text);
        bool ended = len > 0 && bytes[len - 1] == '\n';
        errno = 0;
        if (fwrite(bytes, 1, len, cli->out) != len || (!ended && fputc('\n', cli->out) == EOF)) {
            ok = plx_fail_sys(err, errno ? errno : EIO, "cannot write the output");
        }
    }
    plx_sb_free(&text);
    return ok;
}

bool plx_cli_json(plx_cli *cli, const plx_value *value, plx_err *err)
{
    if (!value) {
        return plx_fail_nomem(err, 0);
    }
    if (cli->out_format != PLX_OUT_JSONL || value->kind != PLX_V_ARR) {
        return print_json(cli, value, cli->out_format != PLX_OUT_JSONL, err);
    }
    for (size_t i = 0; i < value->u.arr.n; i++) {
        if (!print_json(cli, value->u.arr.items[i], false, err)) {
            return false;
        }
    }
    return true;
}

bool plx_cli_wants_json(const plx_cli *cli)
{
    return cli->out_format == PLX_OUT_JSON || cli->out_format == PLX_OUT_JSONL || cli->out_format == PLX_OUT_TOML;
}
