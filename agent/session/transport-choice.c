/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/transport-choice.h"

EaSessionTransport
ea_transport_choose (const EaTransportFacts *facts, const char **reason)
{
  *reason = "no pre-shared key for HTTPS is held";
  if (!facts->has_key && facts->has_port)
    return EA_SESSION_CAT_TP;
  *reason = "the network is GSM";
  if (facts->is_gsm && facts->has_port)
    return EA_SESSION_CAT_TP;
  *reason = "the HTTPS session before got no answer in time";
  if (facts->has_timed_out && facts->has_port)
    return EA_SESSION_CAT_TP;
  *reason = facts->has_key ? "a pre-shared key for it is held" : "no port of CAT_TP is known";
  return EA_SESSION_HTTPS;
}
