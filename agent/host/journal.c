/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GLib's structured log with our fields. Libraries' messages pass the same writer; libqmi's warnings about
 * transports, and those of its kin, are of no use to an operator and count as debug.
 */

#include "host/journal.h"

#include <string.h>
#include <unistd.h>

#include "host/journal-limit.h"

#define LOG_DOMAIN "euicc-agent"
#define EID_DIGITS_SHOWN 4
#define FIELDS_MAX 9
#define NUMBER_SIZE 11 /* digits of a guint, and the end */

static GLogLevelFlags threshold = G_LOG_LEVEL_MESSAGE;

static const struct
{
  const char *word;
  GLogLevelFlags level;
  const char *priority; /* syslog(3) */
} levels[] = {
  { "error", G_LOG_LEVEL_CRITICAL, "3" }, { "warning", G_LOG_LEVEL_WARNING, "4" },
  { "notice", G_LOG_LEVEL_MESSAGE, "5" }, { "info", G_LOG_LEVEL_INFO, "6" },
  { "debug", G_LOG_LEVEL_DEBUG, "7" },
};

GLogLevelFlags
ea_journal_parse_level (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    if (strcmp (levels[i].word, word) == 0)
      return levels[i].level;
  return (GLogLevelFlags) 0;
}

static const char *
get_word (GLogLevelFlags level)
{
  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    if (levels[i].level == level)
      return levels[i].word;
  return "error";
}

static const char *
get_priority (GLogLevelFlags level)
{
  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    if (levels[i].level == level)
      return levels[i].priority;
  return "3";
}

static const char *
find_field (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, key) == 0 && fields[i].length == -1)
      return fields[i].value;
  return NULL;
}

static GLogWriterOutput
write_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields)
{
  const char *message = find_field (fields, n_fields, "MESSAGE");
  const char *modem = find_field (fields, n_fields, "EA_MODEM");
  g_autofree char *line = g_strdup_printf ("%s: %s%s%s\n", get_word (level), modem ? modem : "",
                                           modem ? ": " : "", message ? message : "");

  /* One write a line: nothing to do about a log that can't be written. */
  (void) !write (STDERR_FILENO, line, strlen (line));
  return G_LOG_WRITER_HANDLED;
}

/* What a modem sends that is no message of its protocol, these libraries warn of: as often as it does so. */
static gboolean
is_chatty (const char *domain)
{
  static const char *const domains[] = { "Mbim", "Qmi", "Qrtr", NULL };

  return domain != NULL && g_strv_contains (domains, domain);
}

static GLogWriterOutput
write_log (GLogLevelFlags flags, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  GLogLevelFlags level = flags & G_LOG_LEVEL_MASK;
  const char *domain = find_field (fields, n_fields, "GLIB_DOMAIN");

  if (is_chatty (domain) && level >= G_LOG_LEVEL_CRITICAL)
    level = G_LOG_LEVEL_DEBUG;
  if (level > threshold)
    return G_LOG_WRITER_HANDLED;
  if (g_log_writer_is_journald (STDERR_FILENO)
      && g_log_writer_journald (level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;
  return write_line (level, fields, n_fields);
}

void
ea_journal_init (GLogLevelFlags level)
{
  threshold = level;
  g_log_set_writer_func (write_log, NULL, NULL);
}

void
ea_journal_set_level (GLogLevelFlags level)
{
  threshold = level;
}

static const char *
get_shown_eid (const char *eid)
{
  gsize length = strlen (eid);

  if (threshold >= G_LOG_LEVEL_DEBUG || length <= EID_DIGITS_SHOWN)
    return eid;
  return eid + length - EID_DIGITS_SHOWN;
}

static void
add_field (GLogField *fields, gsize *n_fields, const char *key, const char *value)
{
  if (value != NULL && value[0] != '\0')
    fields[(*n_fields)++] = (GLogField){ key, value, -1 };
}

EaLogContext
ea_log_context_for_transport (const EaLogContext *context, const char *transport)
{
  EaLogContext about = context != NULL ? *context : (EaLogContext){ 0 };

  about.transport = transport;
  return about;
}

EaLogContext
ea_log_context_for_channel (const EaLogContext *context, guint channel, const char *transport)
{
  EaLogContext about = ea_log_context_for_transport (context, transport);

  about.channel = channel;
  return about;
}

static void
add_context (GLogField *fields, gsize *n_fields, const EaLogContext *context, const char *channel)
{
  add_field (fields, n_fields, "EA_MODEM", context->modem);
  add_field (fields, n_fields, "EA_EID",
             context->eid != NULL ? get_shown_eid (context->eid) : NULL);
  add_field (fields, n_fields, "EA_SESSION", context->session);
  add_field (fields, n_fields, "EA_CHANNEL", context->channel != 0 ? channel : NULL);
  add_field (fields, n_fields, "EA_TRANSPORT", context->transport);
}

static void
send_message (GLogLevelFlags level, const EaLogContext *context, const char *message_id,
              const char *message)
{
  GLogField fields[FIELDS_MAX];
  char channel[NUMBER_SIZE] = "";
  gsize n_fields = 0;

  add_field (fields, &n_fields, "MESSAGE", message);
  add_field (fields, &n_fields, "PRIORITY", get_priority (level));
  add_field (fields, &n_fields, "GLIB_DOMAIN", LOG_DOMAIN);
  add_field (fields, &n_fields, "MESSAGE_ID", message_id);
  if (context != NULL)
    {
      (void) g_snprintf (channel, sizeof channel, "%u", context->channel);
      add_context (fields, &n_fields, context, channel);
    }
  g_log_structured_array (level, fields, n_fields);
}

static void
tell_left_out (const EaJournalKind *kind, guint n_left_out, const char *last)
{
  g_autofree char *message
      = g_strdup_printf ("%u more like this were not logged: %s", n_left_out, last);

  send_message (kind->level, &kind->context, kind->message_id, message);
}

/* Who debugs wants all of it, info is for those who look on, and mistakes in the configuration somebody has asked for. */
static gboolean
is_allowed (GLogLevelFlags level, const EaLogContext *context, const char *message_id,
            const char *format, const char *message)
{
  const EaJournalKind kind = {
    .level = level,
    .context = context != NULL ? *context : (EaLogContext){ 0 },
    .message_id = message_id,
    .format = format,
  };

  return level > G_LOG_LEVEL_MESSAGE || threshold >= G_LOG_LEVEL_DEBUG
         || g_strcmp0 (message_id, EA_MESSAGE_CONFIGURATION) == 0
         || ea_journal_limit_allow (&kind, message, tell_left_out);
}

void
ea_journal_send (GLogLevelFlags level, const EaLogContext *context, const char *message_id,
                 const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  if (level > threshold)
    return; /* the writer would drop it, too, but only after it was put together */
  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (is_allowed (level, context, message_id, format, message))
    send_message (level, context, message_id, message);
}

void
ea_journal_tell_left_out (void)
{
  ea_journal_limit_end ();
}
