# SPDX-License-Identifier: Apache-2.0
#
# Prints C with the content of comments, strings and character constants removed, line for line. A quoted #include stays whole.
BEGIN { in_comment = 0 }
/^[ \t]*#[ \t]*include/ && !in_comment { print; next }
{
    line = $0
    out = ""
    while (line != "") {
        if (in_comment) {
            at = index(line, "*/")
            if (!at) { line = ""; break }
            line = substr(line, at + 2)
            in_comment = 0
            continue
        }
        if (!match(line, /\/\*|\/\/|"|'/)) { out = out line; break }
        token = substr(line, RSTART, RLENGTH)
        out = out substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        if (token == "//") { break }
        if (token == "/*") { in_comment = 1; out = out " "; continue }
        while (line != "") {
            c = substr(line, 1, 1)
            line = substr(line, (c == "\\") ? 3 : 2)
            if (c == token) { break }
        }
        out = out token token
    }
    print out
}
