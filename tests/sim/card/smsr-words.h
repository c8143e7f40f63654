/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "smsr-options.h"
#include "smsr-script.h"

/* The words of the control command "smsr": function, ISD-P or file, and options. */

/* How the function's commands reach the eUICC */
typedef enum
{
  SIM_SMSR_VIA_SMS,
  SIM_SMSR_VIA_HTTPS,      /* the HTTPS session of an agent that has keys of its own */
  SIM_SMSR_VIA_CAT_TP,     /* the CAT_TP link of such an agent */
  SIM_SMSR_VIA_BIP_HTTPS,  /* the eUICC's own HTTPS session over its own channel */
  SIM_SMSR_VIA_BIP_CAT_TP, /* the eUICC's own CAT_TP link over its own channel */
} SimSmsrVia;

/* What is spoken over a connection, whoever has made it */
typedef enum
{
  SIM_SMSR_PROTOCOL_NONE, /* there is no connection */
  SIM_SMSR_PROTOCOL_HTTPS,
  SIM_SMSR_PROTOCOL_CAT_TP,
} SimSmsrProtocol;

SimSmsrProtocol sim_smsr_get_protocol (SimSmsrVia via);

/* TRUE when it is an agent that makes the connection, and not the eUICC */
gboolean sim_smsr_is_via_agent (SimSmsrVia via);

/* "sms", "https", "cat-tp", "bip-https", "bip-cat-tp" */
const char *sim_smsr_get_via_name (SimSmsrVia via);

typedef struct
{
  const char *verb; /* what the function is called */
  SimSmsrFunction function;
  SimSmsrVia via;
  gboolean
      is_auto; /* @via is only what the function suggests: SMS for what may be short, the eUICC's own channel otherwise */
  gboolean concerns_isdp;
  const char *argument; /* names an ISD-P, a file, or a peer ADDRESS:PORT; NULL: not given */
  SimSmsrOptions options;
} SimSmsrWords;

/**
 * sim_smsr_parse_words:
 * @arguments: (array zero-terminated=1): @out borrows from it
 *
 * Returns: FALSE when the function can't be begun with these words
 *
 * Errors: EA_CORE_ERROR_MALFORMED; EA_CORE_ERROR_UNSUPPORTED for functions and bearers that are not
 * available yet. @out is untouched on error.
 */
gboolean sim_smsr_parse_words (SimSmsrWords *out, const char *const *arguments, GError **error);
