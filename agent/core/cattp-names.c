/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Words for the states of a CAT_TP connection, and why it has ended or has dropped a datagram. */

#include "core/cattp.h"

const char *
ea_cattp_state_get_name (EaCattpState state)
{
  switch (state)
    {
    case EA_CATTP_LISTEN:
      return "listen";
    case EA_CATTP_SYN_SENT:
      return "syn-sent";
    case EA_CATTP_SYN_RECEIVED:
      return "syn-received";
    case EA_CATTP_OPEN:
      return "open";
    case EA_CATTP_CLOSE_WAIT:
      return "close-wait";
    case EA_CATTP_CLOSED:
      return "closed";
    }
  return NULL;
}

const char *
ea_cattp_cause_get_name (EaCattpCause cause)
{
  switch (cause)
    {
    case EA_CATTP_CAUSE_CLOSED:
      return "closed";
    case EA_CATTP_CAUSE_ABORTED:
      return "aborted";
    case EA_CATTP_CAUSE_PEER:
      return "peer";
    case EA_CATTP_CAUSE_RETRIES:
      return "retries";
    case EA_CATTP_CAUSE_PARAMETERS:
      return "parameters";
    case EA_CATTP_CAUSE_VERSION:
      return "version";
    case EA_CATTP_CAUSE_PROTOCOL:
      return "protocol";
    case EA_CATTP_CAUSE_LIMIT:
      return "limit";
    }
  return NULL;
}

const char *
ea_cattp_discard_get_name (EaCattpDiscard discard)
{
  switch (discard)
    {
    case EA_CATTP_DISCARD_MALFORMED:
      return "malformed";
    case EA_CATTP_DISCARD_CHECKSUM:
      return "checksum";
    case EA_CATTP_DISCARD_PORT:
      return "port";
    case EA_CATTP_DISCARD_VERSION:
      return "version";
    case EA_CATTP_DISCARD_SEQUENCE:
      return "sequence";
    case EA_CATTP_DISCARD_ACKNOWLEDGEMENT:
      return "acknowledgement";
    case EA_CATTP_DISCARD_STATE:
      return "state";
    case EA_CATTP_DISCARD_ROOM:
      return "room";
    }
  return NULL;
}
