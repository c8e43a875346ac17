/* SPDX-License-Identifier: Apache-2.0
 *
 * Which addresses are this machine's, private or public, in every form they can be written.
 */
#include "registry/http_address.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static const struct {
    const char *host;
    plx_reach reach;
    int known;
} hosts[] = {
    {"127.0.0.1", PLX_REACH_LOOPBACK, 1},
    {"127.255.0.3", PLX_REACH_LOOPBACK, 1},
    {"localhost", PLX_REACH_LOOPBACK, 1},
    {"LocalHost", PLX_REACH_LOOPBACK, 1},
    {"localhost.", PLX_REACH_LOOPBACK, 1},
    {"a.localhost", PLX_REACH_LOOPBACK, 1},
    {"::1", PLX_REACH_LOOPBACK, 1},
    {"[::1]", PLX_REACH_LOOPBACK, 1},
    {"[::ffff:127.0.0.1]", PLX_REACH_LOOPBACK, 1},
    {"0.0.0.0", PLX_REACH_PRIVATE, 1},
    {"10.0.0.1", PLX_REACH_PRIVATE, 1},
    {"100.64.0.1", PLX_REACH_PRIVATE, 1},
    {"100.127.255.255", PLX_REACH_PRIVATE, 1},
    {"100.128.0.0", PLX_REACH_PUBLIC, 1},
    {"169.254.169.254", PLX_REACH_PRIVATE, 1},
    {"172.15.255.255", PLX_REACH_PUBLIC, 1},
    {"172.16.0.0", PLX_REACH_PRIVATE, 1},
    {"172.31.255.255", PLX_REACH_PRIVATE, 1},
    {"172.32.0.0", PLX_REACH_PUBLIC, 1},
    {"192.0.0.8", PLX_REACH_PRIVATE, 1},
    {"192.0.2.1", PLX_REACH_PRIVATE, 1},
    {"192.168.255.255", PLX_REACH_PRIVATE, 1},
    {"192.169.0.0", PLX_REACH_PUBLIC, 1},
    {"198.18.0.1", PLX_REACH_PRIVATE, 1},
    {"198.20.0.0", PLX_REACH_PUBLIC, 1},
    {"224.0.0.1", PLX_REACH_PRIVATE, 1},
    {"255.255.255.255", PLX_REACH_PRIVATE, 1},
    {"1.1.1.1", PLX_REACH_PUBLIC, 1},
    {"223.255.255.255", PLX_REACH_PUBLIC, 1},
    {"[::]", PLX_REACH_PRIVATE, 1},
    {"[::ffff:10.1.2.3]", PLX_REACH_PRIVATE, 1},
    {"[::10.1.2.3]", PLX_REACH_PRIVATE, 1},
    {"[64:ff9b::10.1.2.3]", PLX_REACH_PRIVATE, 1},
    {"[64:ff9b::1.1.1.1]", PLX_REACH_PUBLIC, 1},
    {"[2002:0a01:0203::1]", PLX_REACH_PRIVATE, 1},
    {"[2002:7f00:0001::1]", PLX_REACH_LOOPBACK, 1},
    {"[fc00::1]", PLX_REACH_PRIVATE, 1},
    {"[fd12::1]", PLX_REACH_PRIVATE, 1},
    {"[fe80::1%eth0]", PLX_REACH_PRIVATE, 1},
    {"[ff02::1]", PLX_REACH_PRIVATE, 1},
    {"[2001:4860:4860::8888]", PLX_REACH_PUBLIC, 1},
    {"example.org", PLX_REACH_PUBLIC, 0},
    {"notlocalhost", PLX_REACH_PUBLIC, 0},
    {"localhost.example.org", PLX_REACH_PUBLIC, 0},
    {"127.0.0.1.example.org", PLX_REACH_PUBLIC, 0},
    {"", PLX_REACH_PUBLIC, 0},
    {"[]", PLX_REACH_PUBLIC, 0},
};

START_TEST(hosts_as_text)
{
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        bool known = false;
        plx_reach reach = plx_reach_of_host(hosts[i].host, &known);
        ck_assert_msg(reach == hosts[i].reach && known == (hosts[i].known == 1), "%s: %d, known %d", hosts[i].host,
                      (int)reach, known);
    }
}
END_TEST

START_TEST(addresses_as_bytes)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7F000002)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    ck_assert_int_eq(plx_reach_of((struct sockaddr *)&v4), PLX_REACH_LOOPBACK);
    v4.sin_addr.s_addr = htonl(0x08080808);
    ck_assert_int_eq(plx_reach_of((struct sockaddr *)&v4), PLX_REACH_PUBLIC);
    v6.sin6_addr.s6_addr[15] = 1;
    ck_assert_int_eq(plx_reach_of((struct sockaddr *)&v6), PLX_REACH_LOOPBACK);
    v6.sin6_addr.s6_addr[0] = 0xfe;
    ck_assert_int_eq(plx_reach_of((struct sockaddr *)&v6), PLX_REACH_PRIVATE);
    ck_assert_int_eq(plx_reach_of((struct sockaddr *)&local), PLX_REACH_PRIVATE);
}
END_TEST

Suite *http_address_suite(void)
{
    Suite *s = suite_create("http_address");
    TCase *tc = tcase_create("http_address");
    tcase_add_test(tc, hosts_as_text);
    tcase_add_test(tc, addresses_as_bytes);
    suite_add_tcase(s, tc);
    return s;
}
