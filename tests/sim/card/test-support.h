/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* Hexadecimal in and out for the tests of the simulated card. */

/* (transfer full): fails the test on anything but hexadecimal */
GBytes *from_hex (const char *hex);

void assert_hex (EaSpan actual, const char *expected);
void assert_bytes (GBytes *actual, const char *expected);

/* (transfer full): the first @size octets */
GBytes *cut (GBytes *bytes, gsize size);
