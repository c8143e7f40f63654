/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* OPEN CHANNEL, CLOSE CHANNEL, RECEIVE DATA and SEND DATA, TS 102 223 §6.4.27 to §6.4.30 and §6.6.27 to
 * §6.6.30. */

#include "core/cat-channel.h"

#include "core/cat-command.h"
#include "core/cat-object.h"
#include "core/error.h"

static gboolean
read_bearer (EaCatOpenChannel *open, const EaCatCommand *command, GError **error)
{
  EaSpan value;

  open->has_bearer
      = ea_cat_command_find (command, EA_CAT_TAG_BEARER_DESCRIPTION, EA_CAT_ROLE_ONLY, &value);
  return !open->has_bearer || ea_cat_parse_bearer_description (&open->bearer, value, error);
}

static gboolean
read_transport (EaCatOpenChannel *open, const EaCatCommand *command, GError **error)
{
  EaSpan value;

  open->has_transport
      = ea_cat_command_find (command, EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_ROLE_ONLY, &value);
  return !open->has_transport || ea_cat_parse_transport (&open->transport, value, error);
}

/* §6.6.27: who has to say what */
static gboolean
check_open_channel (const EaCatOpenChannel *open, const EaCatCommand *command, GError **error)
{
  gboolean is_server
      = open->has_transport && open->transport.protocol == EA_CAT_TRANSPORT_TCP_SERVER;
  gboolean is_remote = open->has_transport
                       && (open->transport.protocol == EA_CAT_TRANSPORT_UDP_CLIENT
                           || open->transport.protocol == EA_CAT_TRANSPORT_TCP_CLIENT);

  if (!open->has_bearer && !is_server)
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING, ea_span_end (command->objects),
                              "OPEN CHANNEL has no bearer description");
  if (is_remote && open->destination.family == EA_CAT_ADDRESS_NONE)
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING, ea_span_end (command->objects),
                              "OPEN CHANNEL of transport %u has no destination address",
                              open->transport.protocol);
  return TRUE;
}

gboolean
ea_cat_parse_open_channel (EaCatOpenChannel *out, const EaCatCommand *command, GError **error)
{
  EaCatOpenChannel open = {
    .is_background = (command->qualifier & EA_CAT_OPEN_BACKGROUND) != 0,
    .has_automatic_reconnection = (command->qualifier & EA_CAT_OPEN_AUTOMATIC_RECONNECTION) != 0,
    .is_dns_requested = (command->qualifier & EA_CAT_OPEN_DNS_REQUESTED) != 0,
  };

  open.is_immediate = !open.is_background && (command->qualifier & EA_CAT_OPEN_IMMEDIATE) != 0;
  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_OPEN_CHANNEL, error)
      || !read_bearer (&open, command, error)
      || !ea_cat_parse_u16 (&open.buffer_size, EA_CAT_TAG_BUFFER_SIZE,
                            ea_cat_command_get (command, EA_CAT_TAG_BUFFER_SIZE, EA_CAT_ROLE_ONLY),
                            error)
      || !read_transport (&open, command, error)
      || !ea_cat_parse_other_address (
          &open.local_address,
          ea_cat_command_get (command, EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_ROLE_LOCAL_ADDRESS), error)
      || !ea_cat_parse_other_address (
          &open.destination,
          ea_cat_command_get (command, EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_ROLE_DESTINATION_ADDRESS),
          error))
    return FALSE;
  open.access_name = ea_cat_command_get (command, EA_CAT_TAG_NETWORK_ACCESS_NAME, EA_CAT_ROLE_ONLY);
  open.login = ea_cat_command_get (command, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_LOGIN);
  open.password = ea_cat_command_get (command, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_PASSWORD);
  if (!check_open_channel (&open, command, error))
    return FALSE;
  *out = open;
  return TRUE;
}

static void
write_span (EaWriter *writer, EaCatTag tag, EaSpan value)
{
  if (value.size > 0)
    ea_cat_write_object (writer, tag, FALSE, value);
}

static void
write_address (EaWriter *writer, const EaCatOtherAddress *address)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_other_address (&value, address);
  write_span (writer, EA_CAT_TAG_OTHER_ADDRESS, ea_writer_span (&value));
}

static guint8
get_open_qualifier (const EaCatOpenChannel *open)
{
  return (guint8) ((open->is_immediate ? EA_CAT_OPEN_IMMEDIATE : 0)
                   | (open->has_automatic_reconnection ? EA_CAT_OPEN_AUTOMATIC_RECONNECTION : 0)
                   | (open->is_background ? EA_CAT_OPEN_BACKGROUND : 0)
                   | (open->is_dns_requested ? EA_CAT_OPEN_DNS_REQUESTED : 0));
}

guint8
ea_cat_write_open_channel (EaWriter *writer, const EaCatOpenChannel *open)
{
  g_auto (EaWriter) bearer = { 0 };
  g_auto (EaWriter) buffer = { 0 };
  g_auto (EaWriter) transport = { 0 };

  ea_writer_init (&bearer);
  if (open->has_bearer)
    ea_cat_write_bearer_description (&bearer, &open->bearer);
  write_span (writer, EA_CAT_TAG_BEARER_DESCRIPTION, ea_writer_span (&bearer));
  ea_writer_init (&buffer);
  ea_writer_u16be (&buffer, open->buffer_size);
  write_span (writer, EA_CAT_TAG_BUFFER_SIZE, ea_writer_span (&buffer));
  write_span (writer, EA_CAT_TAG_NETWORK_ACCESS_NAME, open->access_name);
  write_address (writer, &open->local_address);
  /* the second text string is the password: without a login an empty one keeps its place */
  if (open->login.size > 0 || open->password.size > 0)
    ea_cat_write_object (writer, EA_CAT_TAG_TEXT_STRING, FALSE, open->login);
  write_span (writer, EA_CAT_TAG_TEXT_STRING, open->password);
  ea_writer_init (&transport);
  if (open->has_transport)
    ea_cat_write_transport (&transport, &open->transport);
  write_span (writer, EA_CAT_TAG_TRANSPORT_LEVEL, ea_writer_span (&transport));
  write_address (writer, &open->destination);
  return get_open_qualifier (open);
}

guint8
ea_cat_command_get_channel (const EaCatCommand *command)
{
  if (command->destination < EA_CAT_DEVICE_CHANNEL_1
      || command->destination > EA_CAT_DEVICE_CHANNEL_7)
    return 0;
  return (guint8) (command->destination - EA_CAT_DEVICE_CHANNEL_1 + 1);
}

gboolean
ea_cat_parse_send_data (EaCatSendData *out, const EaCatCommand *command, GError **error)
{
  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_SEND_DATA, error))
    return FALSE;
  *out = (EaCatSendData){
    .channel = ea_cat_command_get_channel (command),
    .is_immediate = (command->qualifier & EA_CAT_SEND_IMMEDIATELY) != 0,
    .data = ea_cat_command_get (command, EA_CAT_TAG_CHANNEL_DATA, EA_CAT_ROLE_ONLY),
  };
  return TRUE;
}

guint8
ea_cat_write_send_data (EaWriter *writer, const EaCatSendData *send)
{
  ea_cat_write_object (writer, EA_CAT_TAG_CHANNEL_DATA, TRUE, send->data);
  return send->is_immediate ? EA_CAT_SEND_IMMEDIATELY : 0;
}

gboolean
ea_cat_parse_receive_data (EaCatReceiveData *out, const EaCatCommand *command, GError **error)
{
  EaCatReceiveData receive = { .channel = ea_cat_command_get_channel (command) };

  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_RECEIVE_DATA, error)
      || !ea_cat_parse_octet (
          &receive.length, EA_CAT_TAG_CHANNEL_DATA_LENGTH,
          ea_cat_command_get (command, EA_CAT_TAG_CHANNEL_DATA_LENGTH, EA_CAT_ROLE_ONLY), error))
    return FALSE;
  *out = receive;
  return TRUE;
}

guint8
ea_cat_write_receive_data (EaWriter *writer, const EaCatReceiveData *receive)
{
  ea_cat_write_object (writer, EA_CAT_TAG_CHANNEL_DATA_LENGTH, TRUE,
                       ea_span_init (&receive->length, 1));
  return 0;
}

gboolean
ea_cat_parse_close_channel (EaCatCloseChannel *out, const EaCatCommand *command, GError **error)
{
  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_CLOSE_CHANNEL, error))
    return FALSE;
  *out = (EaCatCloseChannel){
    .channel = ea_cat_command_get_channel (command),
    .keeps = (command->qualifier & EA_CAT_CLOSE_KEEP) != 0,
  };
  return TRUE;
}

guint8
ea_cat_write_close_channel (EaWriter *writer, const EaCatCloseChannel *close)
{
  (void) writer; /* what it says is in the qualifier and the device identities */
  return close->keeps ? EA_CAT_CLOSE_KEEP : 0;
}
