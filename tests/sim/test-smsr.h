/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "smsr.h"

/* Operations of the SM-SR in tests, and the eUICC's half of their short messages. */

/* Begins an operation; its words are separated by blanks. */
void test_smsr_begin (SimSmsr *smsr, const char *words);

/* (transfer full): the packet in the messages that wait, which the network has delivered then; @address:
 * (out) (transfer full): TP-OA of the last one */
GBytes *test_smsr_take_packet (SimSmsr *smsr, GBytes **address);

/* Who has the keys has got the trigger and proves it. */
void test_smsr_prove (SimSmsr *smsr);

/* The same as test_smsr_begin() and test_smsr_prove() */
void test_smsr_start (SimSmsr *smsr, const char *words);

/* The operation has ended with @expected. */
void test_smsr_assert_reply (SimSmsr *smsr, const char *expected);

/* It has not ended, but does when it is given up. */
void test_smsr_assert_gives_up (SimSmsr *smsr, const char *expected);
