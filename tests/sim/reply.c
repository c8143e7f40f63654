/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A reply is given once. It outlives the connection that asked, because the event that finishes it
 * comes from the modem, not from the connection.
 */
#include "reply.h"

struct _SimReply
{
  SimReplyFunc func;
  gpointer user_data;
};

SimReply *
sim_reply_new (SimReplyFunc func, gpointer user_data)
{
  SimReply *reply = g_new0 (SimReply, 1);

  reply->func = func;
  reply->user_data = user_data;
  return reply;
}

void
sim_reply_cancel (SimReply *reply)
{
  reply->func = NULL;
}

void
sim_reply_finish (SimReply *reply, const char *text)
{
  if (reply == NULL)
    return;
  if (reply->func != NULL)
    reply->func (text, reply->user_data);
  g_free (reply);
}

void
sim_reply_finish_printf (SimReply *reply, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  sim_reply_finish (reply, text);
}

void
sim_reply_free (SimReply *reply)
{
  sim_reply_finish (reply, "error cancelled");
}
