/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem/modem.h"

G_BEGIN_DECLS

/*
 * EaRoleRetry: when a modem that has refused the role host is asked for it again. The pauses begin with
 * %EA_ROLE_RETRY_FIRST_S and double up to %EA_ROLE_RETRY_LAST_S. Where something is under way that must not be
 * disturbed, it is looked again after %EA_ROLE_RETRY_BUSY_S. A refusal that may be the modem's last word is taken for
 * that when it has come %EA_ROLE_RETRY_DOUBTS times in a row, in the same words.
 */

#define EA_ROLE_RETRY_FIRST_S 10
#define EA_ROLE_RETRY_LAST_S 3600
#define EA_ROLE_RETRY_BUSY_S 10
#define EA_ROLE_RETRY_DOUBTS 4

/* Asks the modem. FALSE: not now. */
typedef gboolean (*EaRoleRetryFunc) (gpointer user_data);

/* A plain struct; its members are private. */
typedef struct
{
  EaRoleRetryFunc ask;
  gpointer user_data;
  guint source; /* of the pause; 0: nothing waits */
  guint pause_s;
  guint n_doubts; /* of @reason, in a row */
  char *reason;
} EaRoleRetry;

/* @ask must not end the owner. */
void ea_role_retry_init (EaRoleRetry *self, EaRoleRetryFunc ask, gpointer user_data);
void ea_role_retry_clear (EaRoleRetry *self);

/* A modem was opened, and the role is known. Returns: TRUE when it is asked again */
gboolean ea_role_retry_note (EaRoleRetry *self, EaModemRefusal refusal, const char *reason);

/* Nothing is asked until something is noted. */
void ea_role_retry_stop (EaRoleRetry *self);

/* The next refusal is the first one: of another modem, of one that has started anew, or since somebody will have it. */
void ea_role_retry_begin_anew (EaRoleRetry *self);

G_END_DECLS
