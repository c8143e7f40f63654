/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "ctl/format.h"

/**
 * EaDecodeCall:
 * @kind: the first argument, or "help"
 * @hex: (array zero-terminated=1): the arguments after it; none, or "-" alone, for standard input
 * @form: @key_file: (nullable): values of the options
 *
 * One call of `euiccctl decode`, as the command line says it.
 */
typedef struct
{
  const char *kind;
  char **hex;
  const char *form;
  const char *key_file;
  gboolean has_smsc;
  EaReportFormat format;
} EaDecodeCall;

/* Decodes, prints, and says on standard error what is wrong with the call. Returns: the exit status */
int ea_decode_run (const EaDecodeCall *call);
