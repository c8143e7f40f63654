/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What each proactive command is done by, TS 102 223 §6.4. */

#include "core/cat-command.h"
#include "core/cat-object.h"
#include "core/cat-response.h"
#include "core/cat-task.h"
#include "core/text.h"
#include "session/toolkit-private.h"

/* (transfer full): a card shall neither write lines of its own into the log nor steer a reader's screen. */
static char *
make_one_line (const char *text)
{
  GString *line = g_string_new (NULL);

  for (const char *rest = text; *rest != '\0'; rest = g_utf8_next_char (rest))
    {
      gunichar character = g_utf8_get_char (rest);

      g_string_append_unichar (line, g_unichar_isprint (character) ? character : ' ');
    }
  return g_string_free (line, FALSE);
}

/* Whatever the card wants people to read goes to the log, as there is no other screen. */
static void
log_alpha_identifier (EaExecution *execution)
{
  EaSpan value
      = ea_cat_command_get (&execution->command, EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_ROLE_ONLY);
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  if (value.size == 0)
    return;
  text = ea_text_decode_alpha (value, NULL);
  if (text == NULL)
    return;
  line = make_one_line (text);
  ea_log_message (execution->toolkit->log, NULL, "The card says with %s: %s",
                  ea_cat_get_command_name (execution->command.type), line);
}

/* Nothing has to be done, but the command has to make sense. */
static void
accept (EaExecution *execution)
{
  g_autoptr (GError) error = NULL;
  gboolean is_partial;

  if (!ea_cat_check_command (&execution->command, &is_partial, &error))
    ea_execution_fail (execution, error);
  else
    ea_execution_respond (execution, EA_CAT_RESULT_OK, EA_SPAN_EMPTY);
}

/* All modes: files are read again once the card has the response, and a card that starts anew is followed by
 * what the modem tells of it. Channels end with the card's reset. */
static void
refresh (EaExecution *execution)
{
  g_autoptr (GError) error = NULL;
  EaCatRefresh refresh = { 0 };

  if (!ea_cat_parse_refresh (&refresh, &execution->command, &error))
    {
      ea_execution_fail (execution, error);
      return;
    }
  execution->is_refresh = TRUE;
  ea_execution_respond (execution, EA_CAT_RESULT_OK, EA_SPAN_EMPTY);
}

static void
set_up_event_list (EaExecution *execution)
{
  g_autoptr (GError) error = NULL;
  EaSpan events;

  if (!ea_cat_parse_event_list (&events, &execution->command, &error))
    {
      ea_execution_fail (execution, error);
      return;
    }
  ea_toolkit_set_events (execution->toolkit, events);
  ea_execution_respond (execution, EA_CAT_RESULT_OK, EA_SPAN_EMPTY);
}

static void
poll_interval (EaExecution *execution)
{
  g_autoptr (GError) error = NULL;
  g_auto (EaWriter) value = { 0 };
  g_auto (EaWriter) objects = { 0 };
  EaCatDuration wanted;
  EaCatDuration granted;

  if (!ea_cat_parse_poll_interval (&wanted, &execution->command, &error))
    {
      ea_execution_fail (execution, error);
      return;
    }
  granted = ea_card_poll_start (execution->toolkit->poll, &wanted);
  ea_writer_init (&value);
  ea_writer_init (&objects);
  ea_cat_write_duration (&value, &granted);
  ea_cat_write_object (&objects, EA_CAT_TAG_DURATION, execution->command.has_comprehension_tags,
                       ea_writer_span (&value));
  ea_execution_answer (execution, ea_cat_answer_command (&execution->command, EA_CAT_RESULT_OK,
                                                         EA_SPAN_EMPTY, ea_writer_span (&objects)));
}

static void
polling_off (EaExecution *execution)
{
  ea_card_poll_stop (execution->toolkit->poll);
  accept (execution);
}

static void
manage_timer (EaExecution *execution)
{
  ea_execution_answer (execution,
                       ea_card_timers_command (execution->toolkit->timers, &execution->command));
}

static void
use_channel (EaExecution *execution)
{
  g_autoptr (EaToolkit) self = execution->toolkit; /* the execution's reference */

  execution->is_with_channels = TRUE;
  (void) ea_channels_command (self->channels, &execution->command, execution->name);
}

static void
refuse (EaExecution *execution)
{
  ea_execution_respond (execution,
                        ea_cat_is_known_command (execution->command.type)
                            ? EA_CAT_RESULT_BEYOND_CAPABILITIES
                            : EA_CAT_RESULT_TYPE_NOT_UNDERSTOOD,
                        EA_SPAN_EMPTY);
}

static const struct
{
  guint8 type;
  void (*execute) (EaExecution *execution);
} commands[] = {
  { EA_CAT_TYPE_REFRESH, refresh },
  { EA_CAT_TYPE_MORE_TIME, accept },
  { EA_CAT_TYPE_POLL_INTERVAL, poll_interval },
  { EA_CAT_TYPE_POLLING_OFF, polling_off },
  { EA_CAT_TYPE_SET_UP_EVENT_LIST, set_up_event_list },
  { EA_CAT_TYPE_SEND_SHORT_MESSAGE, ea_toolkit_send_short_message },
  { EA_CAT_TYPE_SET_UP_MENU, accept },
  { EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION, ea_toolkit_provide_local_information },
  { EA_CAT_TYPE_TIMER_MANAGEMENT, manage_timer },
  { EA_CAT_TYPE_SET_UP_IDLE_MODE_TEXT, accept },
  { EA_CAT_TYPE_OPEN_CHANNEL, use_channel },
  { EA_CAT_TYPE_CLOSE_CHANNEL, use_channel },
  { EA_CAT_TYPE_RECEIVE_DATA, use_channel },
  { EA_CAT_TYPE_SEND_DATA, use_channel },
  { EA_CAT_TYPE_GET_CHANNEL_STATUS, use_channel },
};

void
ea_toolkit_execute (EaExecution *execution)
{
  log_alpha_identifier (execution);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (commands[i].type == execution->command.type)
      {
        commands[i].execute (execution);
        return;
      }
  refuse (execution);
}
