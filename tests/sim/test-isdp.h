/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card/sim-scp03t.h"
#include "core/bytes.h"

/* The ISD-P that a profile is downloaded to, as far as the SM-SR sees it. */

typedef struct
{
  SimScp03tCard *channel;
  GByteArray *plain;
  guint n_scripts;
} TestIsdp;

TestIsdp *test_isdp_new (void);
void test_isdp_free (TestIsdp *isdp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestIsdp, test_isdp_free)

/* (transfer full): the response script to a script of SCP03t commands, AE 80 … 00 00 */
GBytes *test_isdp_run (TestIsdp *isdp, EaSpan script);

/* Fails the test unless "PROF", the size and exactly @file came. */
void test_isdp_assert_profile (const TestIsdp *isdp, EaSpan file);

/* (transfer full): the path of a file of @size octets that differ; the content in @content */
char *test_isdp_make_file (gsize size, GBytes **content);
