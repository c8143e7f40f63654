/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * PUSH, TS 102 226 §9: instruction EC with P1 01 in a proprietary class, and TLVs of OPEN CHANNEL. Which of
 * them are mandatory differs: a request for a TCP connection has to name port and address, one for a CAT_TP
 * link the port.
 */

#include "core/push.h"

#include "core/cat-object.h"
#include "core/error.h"
#include "core/tlv.h"

#define PUSH_CLA 0x80
#define PUSH_INS 0xEC
#define PUSH_P1 0x01

#define CLAUSE "TS 102 226 §9.1"

/* What else OPEN CHANNEL has: the order matters only among objects of one tag. */
#define BEARER_SLOTS                                                                               \
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },                              \
      { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },                           \
      { EA_CAT_TAG_BEARER_DESCRIPTION, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },                        \
      { EA_CAT_TAG_BUFFER_SIZE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },                               \
      { EA_CAT_TAG_NETWORK_ACCESS_NAME, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },                       \
      { EA_CAT_TAG_TEXT_STRING, EA_CAT_OPTIONAL, EA_CAT_ROLE_LOGIN },                              \
  {                                                                                                \
    EA_CAT_TAG_TEXT_STRING, EA_CAT_OPTIONAL, EA_CAT_ROLE_PASSWORD                                  \
  }

static const EaCatSlot channel_slots[] = {
  BEARER_SLOTS,
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_LOCAL_ADDRESS },
  { EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_DESTINATION_ADDRESS },
  { EA_CAT_TAG_CHANNEL_DATA, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

/* The transport level is the one that the card has stored, so it does not divide the addresses. */
static const EaCatSlot stored_transport_slots[] = {
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_LOCAL_ADDRESS }, /* only of two */
  BEARER_SLOTS,
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CHANNEL_DATA, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot link_slots[] = {
  { EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_BUFFER_SIZE, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CHANNEL_DATA, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot connection_slots[] = {
  BEARER_SLOTS,
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_OPTIONAL, EA_CAT_ROLE_LOCAL_ADDRESS },
  { EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_MANDATORY, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_MANDATORY, EA_CAT_ROLE_DESTINATION_ADDRESS },
};

static const EaCatSlot identification_slots[] = {
  { EA_CAT_TAG_CHANNEL_DATA, EA_CAT_OPTIONAL, EA_CAT_ROLE_ONLY },
};

#define CHANNEL_NAME "request for BIP channel opening"

static const EaCatLayout channel_layout
    = { CHANNEL_NAME, CLAUSE, channel_slots, G_N_ELEMENTS (channel_slots) };
static const EaCatLayout two_addresses_layout
    = { CHANNEL_NAME, CLAUSE, stored_transport_slots, G_N_ELEMENTS (stored_transport_slots) };
static const EaCatLayout destination_layout = { CHANNEL_NAME, CLAUSE, stored_transport_slots + 1,
                                                G_N_ELEMENTS (stored_transport_slots) - 1 };
static const EaCatLayout link_layout
    = { "request for CAT_TP link establishment", CLAUSE, link_slots, G_N_ELEMENTS (link_slots) };
static const EaCatLayout connection_layout
    = { "request for TCP connection", CLAUSE, connection_slots, G_N_ELEMENTS (connection_slots) };
static const EaCatLayout identification_layout
    = { "request for identification packet", CLAUSE, identification_slots,
        G_N_ELEMENTS (identification_slots) };

static guint
count_objects (EaSpan objects, guint32 tag)
{
  guint n_objects = 0;
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0 && ea_tlv_read_comprehension (&reader, &tlv, NULL))
    n_objects += tlv.tag == tag ? 1 : 0;
  return n_objects;
}

static const EaCatLayout *
get_channel_layout (EaSpan objects)
{
  if (count_objects (objects, EA_CAT_TAG_TRANSPORT_LEVEL) > 0)
    return &channel_layout;
  return count_objects (objects, EA_CAT_TAG_OTHER_ADDRESS) > 1 ? &two_addresses_layout
                                                               : &destination_layout;
}

const EaCatLayout *
ea_push_get_layout (EaPushRequest request, EaSpan objects)
{
  switch (request)
    {
    case EA_PUSH_BIP_CHANNEL:
      return get_channel_layout (objects);
    case EA_PUSH_CAT_TP_LINK:
      return &link_layout;
    case EA_PUSH_TCP_CONNECTION:
      return &connection_layout;
    case EA_PUSH_IDENTIFICATION_PACKET:
      break;
    }
  return &identification_layout;
}

const char *
ea_push_get_name (EaPushRequest request)
{
  return ea_push_get_layout (request, EA_SPAN_EMPTY)->name;
}

/* @end: where a mandatory object that is not there could have come */
static gboolean
check_mandatory (const EaCatLayout *layout, EaSpan objects, const guint8 *end, GError **error)
{
  EaCatObject object;
  EaCatWalk walk;

  ea_cat_walk_init (&walk, layout, objects);
  while (ea_cat_walk_next (&walk, &object))
    continue;
  for (gsize i = 0; i < layout->n_slots; i++)
    {
      const EaCatSlot *slot = &layout->slots[i];

      if (slot->presence == EA_CAT_MANDATORY && (walk.used & 1u << i) == 0)
        return ea_core_error_set (error, EA_CORE_ERROR_MISSING, end, "PUSH, a %s, has no %s",
                                  layout->name,
                                  slot->role == EA_CAT_ROLE_DESTINATION_ADDRESS
                                      ? "destination address"
                                      : ea_cat_get_tag_name ((guint32) slot->tag));
    }
  return TRUE;
}

static gboolean
check_header (const EaApduCommand *apdu, EaSpan command, GError **error)
{
  if (apdu->cla != PUSH_CLA || apdu->ins != PUSH_INS || apdu->p1 != PUSH_P1)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, command.data,
                              "Command %02X%02X%02X is no PUSH, which is %02X%02X%02X", apdu->cla,
                              apdu->ins, apdu->p1, PUSH_CLA, PUSH_INS, PUSH_P1);
  if (apdu->p2 < EA_PUSH_BIP_CHANNEL || apdu->p2 > EA_PUSH_IDENTIFICATION_PACKET)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED,
                              ea_span_tail (command, EA_APDU_HEADER_SIZE - 1).data,
                              "PUSH has P2 %02X, not 01 to 04", apdu->p2);
  return TRUE;
}

gboolean
ea_push_parse (EaPush *out, EaSpan command, GError **error)
{
  const EaCatLayout *layout;
  EaApduCommand apdu;

  if (!ea_apdu_parse_command (&apdu, command, error) || !check_header (&apdu, command, error)
      || !ea_cat_check_sequence (apdu.data, error))
    return FALSE;
  layout = ea_push_get_layout ((EaPushRequest) apdu.p2, apdu.data);
  if (!check_mandatory (layout, apdu.data, ea_span_end (command), error))
    return FALSE;

  *out = (EaPush){ .request = (EaPushRequest) apdu.p2, .objects = apdu.data };
  return TRUE;
}

GBytes *
ea_push_build (const EaPush *push, GError **error)
{
  const EaApduCommand command = { .cla = PUSH_CLA,
                                  .ins = PUSH_INS,
                                  .p1 = PUSH_P1,
                                  .p2 = (guint8) push->request,
                                  .data = push->objects };

  if (push->objects.size > EA_PUSH_DATA_MAX)
    {
      ea_core_error_set (error, EA_CORE_ERROR_LIMIT, push->objects.data,
                         "Parameters of %" G_GSIZE_FORMAT " bytes, over %d", push->objects.size,
                         EA_PUSH_DATA_MAX);
      return NULL;
    }
  return ea_apdu_build_command (&command);
}

static gboolean
take_address (EaPushConnection *connection, const EaCatObject *object, GError **error)
{
  gboolean is_local = object->slot->role == EA_CAT_ROLE_LOCAL_ADDRESS;

  connection->present |= is_local ? EA_PUSH_HAS_LOCAL_ADDRESS : EA_PUSH_HAS_DESTINATION;
  return ea_cat_parse_other_address (
      is_local ? &connection->local_address : &connection->destination, object->tlv.value, error);
}

static void
take_text (EaPushConnection *connection, const EaCatObject *object)
{
  gboolean is_login = object->slot->role == EA_CAT_ROLE_LOGIN;

  connection->present |= is_login ? EA_PUSH_HAS_LOGIN : EA_PUSH_HAS_PASSWORD;
  *(is_login ? &connection->login : &connection->password) = object->tlv.value;
}

static gboolean
take_object (EaPushConnection *connection, const EaCatObject *object, GError **error)
{
  EaSpan value = object->tlv.value;

  switch (object->tag)
    {
    case EA_CAT_TAG_ALPHA_IDENTIFIER:
      connection->present |= EA_PUSH_HAS_ALPHA;
      connection->alpha = value;
      return TRUE;
    case EA_CAT_TAG_BEARER_DESCRIPTION:
      connection->present |= EA_PUSH_HAS_BEARER;
      return ea_cat_parse_bearer_description (&connection->bearer, value, error);
    case EA_CAT_TAG_BUFFER_SIZE:
      connection->present |= EA_PUSH_HAS_BUFFER_SIZE;
      return ea_cat_parse_u16 (&connection->buffer_size, EA_CAT_TAG_BUFFER_SIZE, value, error);
    case EA_CAT_TAG_NETWORK_ACCESS_NAME:
      connection->present |= EA_PUSH_HAS_ACCESS_NAME;
      connection->access_name = value;
      return TRUE;
    case EA_CAT_TAG_OTHER_ADDRESS:
      return take_address (connection, object, error);
    case EA_CAT_TAG_TEXT_STRING:
      take_text (connection, object);
      return TRUE;
    case EA_CAT_TAG_TRANSPORT_LEVEL:
      connection->present |= EA_PUSH_HAS_TRANSPORT;
      return ea_cat_parse_transport (&connection->transport, value, error);
    case EA_CAT_TAG_CHANNEL_DATA:
      connection->present |= EA_PUSH_HAS_IDENTIFICATION;
      connection->identification = value;
      return TRUE;
    default:
      return TRUE;
    }
}

gboolean
ea_push_parse_connection (EaPushConnection *out, EaSpan objects, GError **error)
{
  EaPushConnection connection = { 0 };
  EaCatObject object;
  EaCatWalk walk;

  if (!ea_cat_check_sequence (objects, error))
    return FALSE;
  ea_cat_walk_init (&walk, get_channel_layout (objects), objects);
  while (ea_cat_walk_next (&walk, &object))
    if (object.slot != NULL && !take_object (&connection, &object, error))
      return FALSE;

  *out = connection;
  return TRUE;
}

static void
write_span (EaWriter *writer, const EaPushConnection *connection, EaPushParameter parameter,
            EaCatTag tag, EaSpan value)
{
  if ((connection->present & parameter) != 0)
    ea_cat_write_object (writer, tag, FALSE, value);
}

static void
write_address (EaWriter *writer, const EaPushConnection *connection, EaPushParameter parameter,
               const EaCatOtherAddress *address)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_other_address (&value, address);
  write_span (writer, connection, parameter, EA_CAT_TAG_OTHER_ADDRESS, ea_writer_span (&value));
}

static void
write_bearer_and_buffer (EaWriter *writer, const EaPushConnection *connection)
{
  g_auto (EaWriter) bearer = { 0 };
  g_auto (EaWriter) size = { 0 };

  ea_writer_init (&bearer);
  ea_writer_init (&size);
  ea_cat_write_bearer_description (&bearer, &connection->bearer);
  ea_writer_u16be (&size, connection->buffer_size);
  write_span (writer, connection, EA_PUSH_HAS_BEARER, EA_CAT_TAG_BEARER_DESCRIPTION,
              ea_writer_span (&bearer));
  write_span (writer, connection, EA_PUSH_HAS_BUFFER_SIZE, EA_CAT_TAG_BUFFER_SIZE,
              ea_writer_span (&size));
}

void
ea_push_write_connection (EaWriter *writer, const EaPushConnection *connection)
{
  g_auto (EaWriter) transport = { 0 };

  write_span (writer, connection, EA_PUSH_HAS_ALPHA, EA_CAT_TAG_ALPHA_IDENTIFIER,
              connection->alpha);
  write_bearer_and_buffer (writer, connection);
  write_span (writer, connection, EA_PUSH_HAS_ACCESS_NAME, EA_CAT_TAG_NETWORK_ACCESS_NAME,
              connection->access_name);
  write_address (writer, connection, EA_PUSH_HAS_LOCAL_ADDRESS, &connection->local_address);
  write_span (writer, connection, EA_PUSH_HAS_LOGIN, EA_CAT_TAG_TEXT_STRING, connection->login);
  write_span (writer, connection, EA_PUSH_HAS_PASSWORD, EA_CAT_TAG_TEXT_STRING,
              connection->password);

  ea_writer_init (&transport);
  ea_cat_write_transport (&transport, &connection->transport);
  write_span (writer, connection, EA_PUSH_HAS_TRANSPORT, EA_CAT_TAG_TRANSPORT_LEVEL,
              ea_writer_span (&transport));
  write_address (writer, connection, EA_PUSH_HAS_DESTINATION, &connection->destination);
  write_span (writer, connection, EA_PUSH_HAS_IDENTIFICATION, EA_CAT_TAG_CHANNEL_DATA,
              connection->identification);
}
