/* SPDX-License-Identifier: Apache-2.0
 *
 * Ranges after the IANA registries of special-purpose addresses (RFC 6890 and its updates).
 */
#include "registry/http_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

typedef struct range4 {
    uint32_t base;
    int bits;
} range4;

/* Not to be met on the internet: this network, private, shared, link-local, test and benchmark nets, multicast, future.
 */
static const range4 special4[] = {
    {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0000000, 24},
    {0xC0000200, 24}, {0xC0A80000, 16}, {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 3},
};

static plx_reach reach4(uint32_t ip)
{
    if (ip >> 24 == 127) {
        return PLX_REACH_LOOPBACK;
    }
    for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++) {
        if ((ip ^ special4[i].base) >> (32 - special4[i].bits) == 0) {
            return PLX_REACH_PRIVATE;
        }
    }
    return PLX_REACH_PUBLIC;
}

static uint32_t u32_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static plx_reach reach6(const uint8_t ip[16])
{
    static const uint8_t zeros[15] = {0};
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (memcmp(ip, zeros, 15) == 0) {
        return ip[15] == 1 ? PLX_REACH_LOOPBACK : PLX_REACH_PRIVATE;
    }
    if (memcmp(ip, mapped, 12) == 0 || memcmp(ip, nat64, 12) == 0 || memcmp(ip, zeros, 12) == 0) {
        return reach4(u32_at(ip + 12)); /* an IPv4 address in other clothes */
    }
    if (ip[0] == 0x20 && ip[1] == 0x02) {
        return reach4(u32_at(ip + 2)); /* 6to4 */
    }
    return (ip[0] & 0xe0) == 0x20 ? PLX_REACH_PUBLIC : PLX_REACH_PRIVATE; /* only 2000::/3 is global unicast */
}

plx_reach plx_reach_of(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return reach4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return reach6(in.sin6_addr.s6_addr);
    }
    return PLX_REACH_PRIVATE;
}

plx_reach plx_reach_of_host(const char *host, bool *known)
{
    char text[INET6_ADDRSTRLEN + 1];
    size_t len = strlen(host);
    bool bracketed = len >= 2 && host[0] == '[' && host[len - 1] == ']';
    snprintf(text, sizeof text, "%.*s", bracketed ? (int)(len - 2) : (int)len, bracketed ? host + 1 : host);
    text[strcspn(text, "%")] = '\0'; /* a zone means a link of this machine; the address tells the rest */
    struct in_addr v4;
    struct in6_addr v6;
    *known = true;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        return reach4(ntohl(v4.s_addr));
    }
    if (inet_pton(AF_INET6, text, &v6) == 1) {
        return reach6(v6.s6_addr);
    }
    static const char local[] = ".localhost";
    while (len > 0 && host[len - 1] == '.') {
        len--; /* the root's dot */
    }
    if ((len == 9 && strncasecmp(host, local + 1, 9) == 0) ||
        (len > 10 && strncasecmp(host + len - 10, local, 10) == 0)) {
        return PLX_REACH_LOOPBACK;
    }
    *known = false;
    return PLX_REACH_PUBLIC;
}
