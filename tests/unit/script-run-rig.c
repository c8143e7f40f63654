/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "script-run-rig.h"

void
start_script (EaScriptRun *run, const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);

  ea_script_run_init (run);
  ea_script_run_feed (run, ea_span_from_bytes (bytes));
}

void
push_response (EaScriptRun *run, const char *hex)
{
  g_autoptr (GBytes) response = bytes_of (hex);

  ea_script_run_push_response (run, ea_span_from_bytes (response));
}

void
assert_pulled (EaScriptRun *run, const char *hex)
{
  g_autoptr (GBytes) bytes = ea_script_run_pull (run);

  if (hex == NULL)
    assert_null (bytes);
  else
    assert_bytes_are (bytes, hex);
}
