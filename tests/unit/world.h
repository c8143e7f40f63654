/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Two network namespaces of this process: the gateway, where it is, and the world behind two veth pairs.
 *
 *   gateway: v0 10.1.0.1/24, fd01::1/64    world: v0p 10.1.0.2/24, fd01::2/64; lo 198.51.100.1, a router
 *            w0 10.2.0.1/24                       w0p 10.2.0.2/24
 *   and on v0, v0p fe80::1 and fe80::2
 *   Both pairs lead to 198.51.100.0/24; the routes prefer v0.
 */

#define WORLD "198.51.100.1"

/* To set up a group of tests. */
int world_make (void **state);

/* Skips the test where namespaces can't be made. */
void world_require (void);

/* Sockets that are made between these two calls are in the world. */
void world_enter (void);
void world_leave (void);

/* Runs ip(8) in the gateway, until a command fails. @commands: (array zero-terminated=1) */
gboolean world_run_ip (const char *const *commands);
