/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proactive commands of a hostile card (agent/core/cat*.h), and their responses. */

#include <string.h>

#include "core/cat-channel.h"
#include "core/cat-command.h"
#include "core/cat-response.h"
#include "core/cat-task.h"
#include "fuzz.h"

static void
check_send_short_message (const EaCatCommand *command, EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaCatSendShortMessage message;

  fuzz_poison (&message, sizeof message);
  if (!ea_cat_parse_send_short_message (&message, command, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&message, sizeof message));
      return;
    }
  FUZZ_CLAIM (fuzz_is_inside (message.tpdu, input));
  FUZZ_CLAIM (fuzz_is_inside (message.smsc, input));
}

/* Whatever came, a response can be built that names it: 81 03 number type qualifier 82 02 82 81 … */
static void
check_response (const EaCatCommand *command, EaCatResult result)
{
  g_autoptr (GBytes) response = ea_cat_build_terminal_response (command, result, EA_SPAN_EMPTY);
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (response));
  FUZZ_CLAIM (ea_reader_u8 (&reader) == (command->has_comprehension_tags ? 0x81 : 0x01));
  FUZZ_CLAIM (ea_reader_u8 (&reader) == 3);
  FUZZ_CLAIM (ea_reader_u8 (&reader) == command->number);
  FUZZ_CLAIM (ea_reader_u8 (&reader) == command->type);
  FUZZ_CLAIM (ea_reader_u8 (&reader) == command->qualifier);
  FUZZ_CLAIM (ea_reader_remaining (&reader) == 7);
}

/* Each claim about a typed command: an error if and only if it fails, and then nothing was written. */
#define CHECK_TYPED(Type, parse)                                                                   \
  static void check_##parse (const EaCatCommand *command)                                          \
  {                                                                                                \
    g_autoptr (GError) error = NULL;                                                               \
    Type typed;                                                                                    \
    gboolean is_read;                                                                              \
                                                                                                   \
    fuzz_poison (&typed, sizeof typed);                                                            \
    is_read = ea_cat_parse_##parse (&typed, command, &error);                                      \
    FUZZ_CLAIM (is_read == (error == NULL));                                                       \
    FUZZ_CLAIM (is_read || fuzz_is_poisoned (&typed, sizeof typed));                               \
  }

CHECK_TYPED (EaCatOpenChannel, open_channel)
CHECK_TYPED (EaCatSendData, send_data)
CHECK_TYPED (EaCatReceiveData, receive_data)
CHECK_TYPED (EaCatCloseChannel, close_channel)
CHECK_TYPED (EaCatTimerManagement, timer_management)
CHECK_TYPED (EaCatRefresh, refresh)
CHECK_TYPED (EaSpan, event_list)
CHECK_TYPED (EaCatDuration, poll_interval)
CHECK_TYPED (EaCatProvideLocalInformation, provide_local_information)

/* What is written of an OPEN CHANNEL is read as the same. */
static void
check_open_channel_again (const EaCatCommand *command)
{
  g_auto (EaWriter) once = { 0 };
  g_auto (EaWriter) twice = { 0 };
  EaCatCommand rebuilt = *command;
  EaCatOpenChannel open;

  if (!ea_cat_parse_open_channel (&open, command, NULL))
    return;
  ea_writer_init (&once);
  rebuilt.qualifier = ea_cat_write_open_channel (&once, &open);
  rebuilt.objects = ea_writer_span (&once);
  FUZZ_CLAIM (ea_cat_parse_open_channel (&open, &rebuilt, NULL));
  ea_writer_init (&twice);
  FUZZ_CLAIM (ea_cat_write_open_channel (&twice, &open) == rebuilt.qualifier);
  FUZZ_CLAIM (ea_span_equal (ea_writer_span (&once), ea_writer_span (&twice)));
}

/* The same for the others. */
#define CHECK_AGAIN(Type, noun)                                                                    \
  static void check_##noun##_again (const EaCatCommand *command)                                   \
  {                                                                                                \
    g_auto (EaWriter) once = { 0 };                                                                \
    g_auto (EaWriter) twice = { 0 };                                                               \
    EaCatCommand rebuilt = *command;                                                               \
    Type typed;                                                                                    \
                                                                                                   \
    if (!ea_cat_parse_##noun (&typed, command, NULL))                                              \
      return;                                                                                      \
    ea_writer_init (&once);                                                                        \
    rebuilt.qualifier = ea_cat_write_##noun (&once, &typed);                                       \
    rebuilt.objects = ea_writer_span (&once);                                                      \
    FUZZ_CLAIM (ea_cat_parse_##noun (&typed, &rebuilt, NULL));                                     \
    ea_writer_init (&twice);                                                                       \
    FUZZ_CLAIM (ea_cat_write_##noun (&twice, &typed) == rebuilt.qualifier);                        \
    FUZZ_CLAIM (ea_span_equal (ea_writer_span (&once), ea_writer_span (&twice)));                  \
  }

CHECK_AGAIN (EaCatCloseChannel, close_channel)
CHECK_AGAIN (EaCatRefresh, refresh)
CHECK_AGAIN (EaCatDuration, poll_interval)
CHECK_AGAIN (EaCatProvideLocalInformation, provide_local_information)
CHECK_AGAIN (EaCatSendShortMessage, send_short_message)

/* Each object is met once, in order, and the command is made of what was read. */
static void
check_rebuilt (const EaCatCommand *command)
{
  g_autoptr (GBytes) built = NULL;
  EaCatCommand again;
  EaCatObject object;
  EaCatWalk walk;
  gsize offset = 0;

  ea_cat_walk_init (&walk, ea_cat_get_command_layout (command->type), command->objects);
  while (ea_cat_walk_next (&walk, &object))
    {
      FUZZ_CLAIM (object.tlv.offset == offset);
      FUZZ_CLAIM (fuzz_is_inside (object.tlv.value, command->objects));
      FUZZ_CLAIM ((object.tag & EA_CAT_TAG_ON_WIRE) == object.tlv.tag);
      offset = ea_reader_offset (&walk.reader);
    }
  FUZZ_CLAIM (offset == command->objects.size);

  built = ea_cat_build_command (command);
  if (g_bytes_get_size (built) > EA_CAT_COMMAND_MAX)
    return;
  FUZZ_CLAIM (ea_cat_parse_command (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.number == command->number && again.type == command->type);
  FUZZ_CLAIM (again.qualifier == command->qualifier && again.source == command->source);
  FUZZ_CLAIM (again.destination == command->destination);
  FUZZ_CLAIM (ea_span_equal (again.objects, command->objects));
}

static void
check_typed (const EaCatCommand *command)
{
  g_autoptr (GError) error = NULL;
  gboolean is_partial;

  FUZZ_CLAIM (ea_cat_check_command (command, &is_partial, &error) == (error == NULL));
  check_open_channel (command);
  check_send_data (command);
  check_receive_data (command);
  check_close_channel (command);
  check_timer_management (command);
  check_refresh (command);
  check_event_list (command);
  check_poll_interval (command);
  check_provide_local_information (command);
  check_open_channel_again (command);
  check_close_channel_again (command);
  check_refresh_again (command);
  check_poll_interval_again (command);
  check_provide_local_information_again (command);
  check_send_short_message_again (command);
  check_rebuilt (command);
}

static void
check_terminal_response (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  g_autoptr (GBytes) again = NULL;
  EaCatResponse response;

  fuzz_poison (&response, sizeof response);
  if (!ea_cat_parse_response (&response, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&response, sizeof response));
      return;
    }
  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (fuzz_is_inside (response.objects, input));
  FUZZ_CLAIM (fuzz_is_inside (response.result.additional, input));
  built = ea_cat_build_response (&response);
  if (g_bytes_get_size (built) > EA_CAT_RESPONSE_MAX)
    return;
  FUZZ_CLAIM (ea_cat_parse_response (&response, ea_span_from_bytes (built), NULL));
  again = ea_cat_build_response (&response);
  FUZZ_CLAIM (g_bytes_equal (built, again));
}

static void
check_command (EaSpan input)
{
  static const EaCatCommand nothing;
  g_autoptr (GError) error = NULL;
  EaCatCommand command;

  fuzz_poison (&command, sizeof command);
  if (!ea_cat_parse_command (&command, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (input.size <= EA_CAT_COMMAND_MAX
                  || memcmp (&command, &nothing, sizeof command) == 0);
      FUZZ_CLAIM (fuzz_is_inside (command.objects, input));
      check_response (&command, ea_cat_get_result (error->code));
      return;
    }

  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (fuzz_is_inside (command.objects, input));
  FUZZ_CLAIM (ea_cat_get_command_name (command.type) != NULL);
  check_send_short_message (&command, input);
  check_typed (&command);
  check_response (&command, EA_CAT_RESULT_OK);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_command (ea_span_init (data, size));
  check_terminal_response (ea_span_init (data, size));
  return 0;
}
