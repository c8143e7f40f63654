/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/admin-connect.h"
#include "session/admin-session.h"
#include "session/attempts.h"

/* What the files of EaAdminSession share: admin-session.c its life, admin-exchange.c its connection, and admin-card.c its commands. */

struct _EaAdminSession
{
  GObject parent_instance;

  const EaSessionContext *context; /* NULL: it is gone, and nothing is to be done any more */
  EaSessionOrder *order;
  EaSessionStore *store;
  EaSession *session;
  EaAdmin *admin; /* NULL: it has not begun */
  gboolean is_draining;
  gboolean is_interrupted; /* the SM-SR was told so, once at least */
  guint32 revision;        /* of @admin, that is durable */
  gboolean is_stuck;       /* the store does not work */
  gboolean is_forgotten;   /* nothing of it is durable any more */
  EaSessionResult result;  /* while it closes */

  /* Connections */
  GCancellable *cancellable; /* of the one that is coming about; NULL: none is */
  EaAdminConnection connection;
  EaAttempts attempts;
  guint limit_id;
  guint stall_id;
  guint n_steps;              /* commands and scripts when @stall_id began */
  guint n_idle_connections;   /* in a row */
  EaSessionProgress progress; /* of the connections before */

  /* Card */
  gboolean is_on_card;
  gboolean is_given;         /* a command has no response yet */
  gboolean has_lost_channel; /* the run on the card is the last on its channel */
  guint channel;             /* that is kept; 0: none */
  GBytes *aid;               /* selected on it */
  guint n_refused;           /* channels, since there was one */
  guint channel_retry_id;
};

/* Sends, reads, gives commands to the card: whatever is due now. */
void ea_admin_session_pump (EaAdminSession *self);

/* What there is to see has changed. */
void ea_admin_session_show_progress (EaAdminSession *self);

/* Makes durable how far it has come, if that matters. FALSE: the store does not work, which was told; it is tried again
 * soon. */
gboolean ea_admin_session_save (EaAdminSession *self);

/* The same, with answers that need not be durable yet. */
gboolean ea_admin_session_save_now (EaAdminSession *self);

/* The attempt has failed: there is another one later, or the session fails. */
void ea_admin_session_fail_attempt (EaAdminSession *self, const GError *error);

/* The SM-SR wants another connection at once. */
void ea_admin_session_reconnect (EaAdminSession *self);

/* The SM-SR has ended it. */
void ea_admin_session_finish (EaAdminSession *self);

/* Nothing of it stays durable: no later life takes it up again. */
void ea_admin_session_forget (EaAdminSession *self);

/* @result: all is over, and nothing stays durable */
void ea_admin_session_end (EaAdminSession *self, EaSessionResult result);

/* admin-exchange.c */

/* (transfer full): a connection is there */
void ea_admin_session_take_connection (EaAdminSession *self, EaAdminConnection *connection);

/* Breaks it off, if there is one; bytes that were counted stay. */
void ea_admin_session_drop_connection (EaAdminSession *self);

/* Ends the connection as it should be; the session ends with @result then. */
void ea_admin_session_close (EaAdminSession *self, EaSessionResult result);
void ea_admin_session_pump_connection (EaAdminSession *self);

/* admin-card.c */

/* A command waits: the card gets it when it can. */
void ea_admin_session_pump_card (EaAdminSession *self);

/* The session is pumped again after a time: there was no channel, or the store does not work. */
void ea_admin_session_try_again (EaAdminSession *self);

/* Gives the kept channel back. */
void ea_admin_session_release_channel (EaAdminSession *self);

/* The card was reset or is gone: there is no channel that could be given back. */
void ea_admin_session_forget_channel (EaAdminSession *self);
