/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/script-run.h"

/* What tests of scripts that are carried out share: bytes in hexadecimal in and out. */

/* GET DATA, and a C-APDU object with it */
#define GET_DATA "80CA008500"
#define GET_DATA_OBJECT "2205" GET_DATA

/* Inits @run and feeds it with @hex, after which more may come. */
void start_script (EaScriptRun *run, const char *hex);

/* The R-APDU @hex for the command that waits. */
void push_response (EaScriptRun *run, const char *hex);

/* Fails the test unless the bytes of @hex can go out; with %NULL, unless there are none. */
void assert_pulled (EaScriptRun *run, const char *hex);
