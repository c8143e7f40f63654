/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/admin-post.h"
#include "core/admin-script.h"
#include "core/admin.h"
#include "core/http-reader.h"

/* What the files of core/admin share. */

/**
 * EaAdminMessage:
 * @status: of HTTP
 * @next_uri: (nullable): X-Admin-Next-URI
 * @has_script: a body has begun
 * @n_passed: bytes of the body behind the end of the script
 *
 * The message of the server that comes.
 */
typedef struct
{
  guint status;
  char *next_uri;
  gboolean has_script;
  gsize n_passed;
} EaAdminMessage;

/**
 * EaAdmin:
 * @options: copies
 * @exchange: @n_scripts: as the functions of that name
 * @n_empty: answers without a script, one after the other
 * @revision: counts the changes of what ea_admin_save() gives
 *
 * @is_connected: there is a connection, which may have to wait until
 * @is_draining: all that came by the one before was carried out
 * @is_resumed: POSTs over this connection are repeated, or answer what came by another
 * @is_awaiting: a POST was begun whose answer is not whole
 * @is_expected_end: the server said that it ends the connection
 * @reader: (nullable): of this connection, or of the one that is drained
 * @fed: @waiting: what the reader reads, and what came after it
 * @has_end: the server has closed the connection
 */
struct _EaAdmin
{
  EaAdminOptions options;
  EaAdminPost post;
  EaAdminScript script;
  guint32 exchange;
  guint n_scripts;
  guint n_empty;
  gboolean has_posted;
  gboolean is_finished;
  guint32 revision;

  gboolean is_connected;
  gboolean is_draining;
  gboolean is_resumed;
  gboolean is_awaiting;
  gboolean is_expected_end;
  gboolean has_progressed;
  EaHttpReader *reader;
  GByteArray *fed;
  GByteArray *waiting;
  gboolean has_end;
  EaAdminMessage message;
  EaAdminOutput output;
  GQueue events;
};

void ea_admin_add_event (EaAdmin *self, EaAdminEventType type);

/* The connection is of no use any more, because of @error. */
void ea_admin_fail (EaAdmin *self, EaAdminError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* The connection is gone; what came by it is still to be carried out. */
void ea_admin_lose_connection (EaAdmin *self);

/* The server ends the connection between messages. */
void ea_admin_end_connection (EaAdmin *self);

/* @size bytes of the body are behind the end of the script. */
void ea_admin_pass_over (EaAdmin *self, gsize size);

/* Overwrites what a peer sent, and empties it. */
void ea_admin_wipe (GByteArray *bytes);

/* The script that is open has ended, or was refused with @refusal: its answers go into the next POST. */
void ea_admin_end_script (EaAdmin *self, EaAdminStatus refusal);

/* Nothing was to be carried out: another POST goes to @next_uri, if there is one. */
void ea_admin_set_post (EaAdmin *self, const char *next_uri, EaAdminStatus status);

/* Takes the next that the server says. Returns: FALSE when there is no more */
gboolean ea_admin_take_event (EaAdmin *self);

/* Looks what a change of the script has brought. */
void ea_admin_check_script (EaAdmin *self);
