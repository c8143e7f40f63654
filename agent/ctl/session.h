/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/report.h"

/* The verbs that change something: sessions of the agent, opened and cancelled. */

/* Seconds of --timeout at most */
#define EA_SESSION_TIMEOUT_MAX_S 3600

/* Options of a session as the command line has them; %NULL: the configuration's */
typedef struct
{
  char *host;
  char *port;
  char *cattp_port;
  char *uri;
  char *interface;
  char *timeout;
} EaSessionOptions;

/* (transfer full) (nullable): floating, a{sv} for OpenSession; %NULL with @error when a number is none */
GVariant *ea_session_build_options (const EaSessionOptions *options, GError **error);

/* (transfer full) (nullable): path of the session's object; errors have the next step in their message */
char *ea_session_open (EaDbusEuicc *euicc, const char *transport, GVariant *options,
                       GError **error);
