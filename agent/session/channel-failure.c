/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the causes of bearers and links to those of the bearer independent protocol. */

#include "session/channel-failure.h"

#include "modem/bearer.h"
#include "net/link.h"

static EaBipFailure
get_bearer_failure (EaBearerError code)
{
  switch (code)
    {
    case EA_BEARER_ERROR_NO_BEARER:
    case EA_BEARER_ERROR_NO_SERVICE:
      return EA_BIP_FAILURE_NO_SERVICE;
    case EA_BEARER_ERROR_BUSY_ON_CALL:
      return EA_BIP_FAILURE_BUSY_ON_CALL;
    case EA_BEARER_ERROR_NETWORK:
      return EA_BIP_FAILURE_NETWORK;
    case EA_BEARER_ERROR_FAILED:
      break;
    }
  return EA_BIP_FAILURE_OTHER;
}

static EaBipFailure
get_link_failure (EaLinkError code, gboolean is_server)
{
  switch (code)
    {
    case EA_LINK_ERROR_REFUSED:
    case EA_LINK_ERROR_UNREACHABLE:
    case EA_LINK_ERROR_TIMED_OUT:
    case EA_LINK_ERROR_RESET:
    case EA_LINK_ERROR_CLOSED:
      return EA_BIP_FAILURE_NOT_REACHABLE;
    case EA_LINK_ERROR_NOT_ALLOWED:
      return is_server ? EA_BIP_FAILURE_PORT_IN_USE : EA_BIP_FAILURE_NOT_REACHABLE;
    case EA_LINK_ERROR_ADDRESS_IN_USE:
      return EA_BIP_FAILURE_PORT_IN_USE;
    case EA_LINK_ERROR_NO_INTERFACE:
      return EA_BIP_FAILURE_NO_SERVICE;
    case EA_LINK_ERROR_FAILED:
    case EA_LINK_ERROR_FULL:
    case EA_LINK_ERROR_TOO_LARGE:
      break;
    }
  return EA_BIP_FAILURE_OTHER;
}

EaBipFailure
ea_channel_get_failure (const GError *error, gboolean is_server)
{
  if (error->domain == EA_BEARER_ERROR)
    return get_bearer_failure ((EaBearerError) error->code);
  if (error->domain == EA_LINK_ERROR)
    return get_link_failure ((EaLinkError) error->code, is_server);
  return EA_BIP_FAILURE_OTHER;
}
