/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * The answer that somebody at the control socket waits for. Whoever owns it must finish it, now or
 * when the event comes that was asked for.
 */

typedef struct _SimReply SimReply;

typedef void (*SimReplyFunc) (const char *text, gpointer user_data);

SimReply *sim_reply_new (SimReplyFunc func, gpointer user_data);

/* The one who asked is gone: finishing is silent from now on. The owner keeps @reply. */
void sim_reply_cancel (SimReply *reply);

/* @reply: (transfer full) (nullable). Gives one line, or several that end with a line ".". */
void sim_reply_finish (SimReply *reply, const char *text);
void sim_reply_finish_printf (SimReply *reply, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* @reply: (transfer full) (nullable). Answers "error cancelled". */
void sim_reply_free (SimReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimReply, sim_reply_free)
