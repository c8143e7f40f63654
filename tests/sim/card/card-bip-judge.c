/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Responses and events are read with a reader of their own, which is as strict as the standard is. What
 * the standard leaves open is not judged: tag styles of events and of the channel status.
 */

#include "card-bip-judge.h"

#include "sim-tlv.h"

#define TAG_COMMAND_DETAILS 0x01
#define TAG_DEVICE_IDENTITIES 0x02
#define TAG_RESULT 0x03
#define TAG_EVENT_LIST 0x19
#define TAG_BEARER_DESCRIPTION 0x35
#define TAG_CHANNEL_DATA 0x36
#define TAG_CHANNEL_DATA_LENGTH 0x37
#define TAG_CHANNEL_STATUS 0x38
#define TAG_BUFFER_SIZE 0x39
#define TAG_TRANSPORT_LEVEL 0x3C
#define TAG_EVENT_DOWNLOAD 0xD6
#define COMPREHENSION_REQUIRED 0x80

#define TYPE_OPEN_CHANNEL 0x40
#define TYPE_CLOSE_CHANNEL 0x41
#define TYPE_RECEIVE_DATA 0x42
#define TYPE_SEND_DATA 0x43
#define QUALIFIER_IMMEDIATE 0x01
#define TRANSPORT_UDP_CLIENT 0x01
#define EVENT_DATA_AVAILABLE 0x09
#define EVENT_CHANNEL_STATUS 0x0A
#define STATUS_ESTABLISHED 0x80
#define STATUS_LINK_DROPPED 0x05
#define CHANNEL_MASK 0x07

#define RESULT_OK 0x00
#define RESULT_MISSING_INFORMATION 0x02
#define RESULT_MODIFIED 0x07
#define RESULT_FIRST_FAILURE 0x10
#define RESULT_BIP_ERROR_CLOSED 0x3A02

/* What fits a TERMINAL RESPONSE; and "or more" in a channel data length */
#define RECEIVE_MAX 237
#define LENGTH_OR_MORE 0xFF

#define OBJECTS_MAX 16
#define OBJECTS_OF_HEAD 3

typedef struct
{
  SimTlv all[OBJECTS_MAX]; /* tags as they are */
  gsize n;
} Objects;

/* One response beside its command */
typedef struct
{
  SimBipJudge *judge;
  Objects command;
  Objects response;
  guint8 type;
  guint8 qualifier;
  guint16 result; /* general result and additional information, 00 where there is none */
  gboolean is_success;
} Case;

static const char *const names[SIM_BIP_N_FAULTS] = {
  [SIM_BIP_FAULT_PROFILE] = "profile",
  [SIM_BIP_FAULT_LENGTH_FORM] = "length-form",
  [SIM_BIP_FAULT_DEVICES] = "devices",
  [SIM_BIP_FAULT_TAG_STYLE] = "tag-style",
  [SIM_BIP_FAULT_UNKNOWN_OBJECT] = "unknown-object",
  [SIM_BIP_FAULT_MISSING_OBJECT] = "missing-object",
  [SIM_BIP_FAULT_RESULT] = "result",
  [SIM_BIP_FAULT_BUFFER_SIZE] = "buffer-size",
  [SIM_BIP_FAULT_FREE_SPACE] = "free-space",
  [SIM_BIP_FAULT_NO_ROOM] = "no-room",
  [SIM_BIP_FAULT_MORE_THAN_ASKED] = "more-than-asked",
  [SIM_BIP_FAULT_DATA_LEFT] = "data-left",
  [SIM_BIP_FAULT_DATAGRAM] = "datagram",
  [SIM_BIP_FAULT_DOUBLED_EVENT] = "doubled-event",
  [SIM_BIP_FAULT_WRONG_CHANNEL] = "wrong-channel",
  [SIM_BIP_FAULT_CHANNEL_STATUS] = "channel-status",
  [SIM_BIP_FAULT_STATUS_BEFORE_DRAINED] = "status-before-drained",
};

/* What may follow the result; SET UP EVENT LIST and CLOSE CHANNEL have nothing there. */
static const struct
{
  guint8 type;
  guint8 tag;
} known[] = {
  { TYPE_OPEN_CHANNEL, TAG_CHANNEL_STATUS },      { TYPE_OPEN_CHANNEL, TAG_BEARER_DESCRIPTION },
  { TYPE_OPEN_CHANNEL, TAG_BUFFER_SIZE },         { TYPE_RECEIVE_DATA, TAG_CHANNEL_DATA },
  { TYPE_RECEIVE_DATA, TAG_CHANNEL_DATA_LENGTH }, { TYPE_SEND_DATA, TAG_CHANNEL_DATA_LENGTH },
};

void
sim_bip_judge_complain (SimBipJudge *judge, SimBipFault fault)
{
  judge->counts[fault]++;
  judge->fresh[fault]++;
}

static void
complain_unless (SimBipJudge *judge, gboolean is_good, SimBipFault fault)
{
  if (!is_good)
    sim_bip_judge_complain (judge, fault);
}

static void
forget_channel (SimBipJudge *judge)
{
  judge->channel = 0;
  judge->has_dropped = FALSE;
  judge->is_announced = FALSE;
  judge->n_stored = 0;
  judge->n_left = 0;
}

void
sim_bip_judge_reset (SimBipJudge *judge)
{
  forget_channel (judge);
}

static gsize
get_shortest (gsize length)
{
  if (length < 0x80)
    return 1;
  return length <= G_MAXUINT8 ? 2 : 3;
}

/* Length and value of an object; FALSE: it can't be read. */
static gboolean
read_value (SimBipJudge *judge, EaReader *reader, EaSpan *value)
{
  gsize before = ea_reader_remaining (reader);
  gsize length = sim_tlv_read_length (reader);
  gsize n_octets = before - ea_reader_remaining (reader);

  *value = ea_reader_bytes (reader, length);
  complain_unless (judge, ea_reader_is_ok (reader) && n_octets == get_shortest (length),
                   SIM_BIP_FAULT_LENGTH_FORM);
  return ea_reader_is_ok (reader);
}

static void
read_objects (SimBipJudge *judge, EaSpan list, Objects *objects)
{
  EaReader reader;

  ea_reader_init (&reader, list);
  while (ea_reader_remaining (&reader) > 0 && objects->n < OBJECTS_MAX)
    {
      SimTlv *object = &objects->all[objects->n];

      object->tag = ea_reader_u8 (&reader);
      if (!read_value (judge, &reader, &object->value))
        return;
      objects->n++;
    }
  complain_unless (judge, ea_reader_remaining (&reader) == 0, SIM_BIP_FAULT_UNKNOWN_OBJECT);
}

/* (nullable) */
static const SimTlv *
find (const Objects *objects, guint tag)
{
  for (gsize i = 0; i < objects->n; i++)
    {
      if ((objects->all[i].tag & (guint) ~COMPREHENSION_REQUIRED) == tag)
        return &objects->all[i];
    }
  return NULL;
}

/* Value of an object that has to be there: two octets at most */
static gboolean
get_number (const Case *this, guint tag, gsize size, gsize *number)
{
  const SimTlv *object = find (&this->response, tag);
  EaReader reader;

  if (object == NULL || object->value.size != size)
    {
      sim_bip_judge_complain (this->judge, SIM_BIP_FAULT_MISSING_OBJECT);
      return FALSE;
    }
  ea_reader_init (&reader, object->value);
  *number = size == 1 ? ea_reader_u8 (&reader) : ea_reader_u16be (&reader);
  return TRUE;
}

static gsize
get_asked (const Case *this, guint tag)
{
  const SimTlv *object = find (&this->command, tag);
  EaReader reader;

  if (object == NULL)
    return 0;
  ea_reader_init (&reader, object->value);
  return object->value.size == 1 ? ea_reader_u8 (&reader) : ea_reader_u16be (&reader);
}

static void
judge_devices (SimBipJudge *judge, const Objects *objects)
{
  static const guint8 devices[] = { 0x82, 0x81 };
  const SimTlv *object = find (objects, TAG_DEVICE_IDENTITIES);

  complain_unless (judge,
                   object != NULL && ea_span_equal (object->value, EA_SPAN_OF_ARRAY (devices)),
                   SIM_BIP_FAULT_DEVICES);
}

/* Those results have additional information, and no other has (§8.12). */
static gboolean
has_additional (guint8 general)
{
  static const guint8 generals[]
      = { 0x20, 0x21, 0x26, 0x34, 0x35, 0x37, 0x38, 0x39, 0x3A, 0x3C, 0x3D };

  for (gsize i = 0; i < G_N_ELEMENTS (generals); i++)
    {
      if (generals[i] == general)
        return TRUE;
    }
  return FALSE;
}

static void
judge_head (Case *this)
{
  const SimTlv *result = find (&this->response, TAG_RESULT);
  guint8 general;
  EaReader reader;

  for (gsize i = 0; i < OBJECTS_OF_HEAD; i++)
    complain_unless (this->judge,
                     i < this->response.n
                         && (this->response.all[i].tag & (guint) ~COMPREHENSION_REQUIRED) == i + 1,
                     SIM_BIP_FAULT_MISSING_OBJECT);
  judge_devices (this->judge, &this->response);
  if (result == NULL)
    return;
  ea_reader_init (&reader, result->value);
  general = ea_reader_u8 (&reader);
  this->result = (guint16) (general << 8 | ea_reader_u8 (&reader));
  this->is_success = general < RESULT_FIRST_FAILURE;
  complain_unless (this->judge, result->value.size == (has_additional (general) ? 2 : 1),
                   SIM_BIP_FAULT_RESULT);
}

static gboolean
is_known (guint8 type, guint tag)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (known[i].type == type && known[i].tag == tag)
        return TRUE;
    }
  return FALSE;
}

/* The object of the command whose style @tag has to have; NULL: there is none. */
static const SimTlv *
get_model (const Case *this, guint tag)
{
  if (tag <= OBJECTS_OF_HEAD)
    return find (&this->command, TAG_COMMAND_DETAILS);
  if (this->type == TYPE_OPEN_CHANNEL)
    return find (&this->command, tag);
  return this->command.n < OBJECTS_OF_HEAD ? NULL : &this->command.all[OBJECTS_OF_HEAD - 1];
}

static void
judge_objects (const Case *this)
{
  for (gsize i = 0; i < this->response.n; i++)
    {
      const SimTlv *object = &this->response.all[i];
      guint tag = object->tag & (guint) ~COMPREHENSION_REQUIRED;
      const SimTlv *model = get_model (this, tag);

      complain_unless (this->judge,
                       find (&this->response, tag) == object
                           && (i < OBJECTS_OF_HEAD || is_known (this->type, tag)),
                       SIM_BIP_FAULT_UNKNOWN_OBJECT);
      complain_unless (this->judge,
                       model == NULL || ((model->tag ^ object->tag) & COMPREHENSION_REQUIRED) == 0,
                       SIM_BIP_FAULT_TAG_STYLE);
    }
}

/* What the terminal has granted is told also where it has not opened the channel. */
static void
judge_open (const Case *this)
{
  const SimTlv *wanted = find (&this->command, TAG_BEARER_DESCRIPTION);
  const SimTlv *bearer = find (&this->response, TAG_BEARER_DESCRIPTION);
  gsize n_asked = get_asked (this, TAG_BUFFER_SIZE);
  gsize status = 0;
  gboolean is_modified;

  forget_channel (this->judge);
  this->judge->n_granted = 0;
  if (get_number (this, TAG_BUFFER_SIZE, sizeof (guint16), &this->judge->n_granted))
    complain_unless (this->judge, this->judge->n_granted > 0 && this->judge->n_granted <= n_asked,
                     SIM_BIP_FAULT_BUFFER_SIZE);
  complain_unless (this->judge, bearer != NULL, SIM_BIP_FAULT_MISSING_OBJECT);
  if (!this->is_success)
    {
      complain_unless (this->judge, find (&this->response, TAG_CHANNEL_STATUS) == NULL,
                       SIM_BIP_FAULT_UNKNOWN_OBJECT);
      return;
    }
  is_modified = this->judge->n_granted < n_asked
                || (bearer != NULL && !ea_span_equal (bearer->value, wanted->value));
  complain_unless (this->judge, this->result == (is_modified ? RESULT_MODIFIED : RESULT_OK) << 8,
                   SIM_BIP_FAULT_RESULT);
  if (!get_number (this, TAG_CHANNEL_STATUS, sizeof (guint16), &status))
    return;
  this->judge->channel = (guint8) (status >> 8) & CHANNEL_MASK;
  this->judge->is_datagram = get_asked (this, TAG_TRANSPORT_LEVEL) >> 8 == TRANSPORT_UDP_CLIENT;
  complain_unless (this->judge,
                   this->judge->channel != 0
                       && status == (gsize) (STATUS_ESTABLISHED | this->judge->channel) << 8,
                   SIM_BIP_FAULT_CHANNEL_STATUS);
}

static void
judge_send (const Case *this)
{
  const SimTlv *data = find (&this->command, TAG_CHANNEL_DATA);
  SimBipJudge *judge = this->judge;
  gsize n_free = 0;

  if (!this->is_success)
    return;
  complain_unless (judge, this->result == RESULT_OK, SIM_BIP_FAULT_RESULT);
  judge->n_stored = (this->qualifier & QUALIFIER_IMMEDIATE) != 0
                        ? 0
                        : judge->n_stored + (data == NULL ? 0 : data->value.size);
  if (get_number (this, TAG_CHANNEL_DATA_LENGTH, sizeof (guint8), &n_free))
    complain_unless (judge, n_free + judge->n_stored <= judge->n_granted, SIM_BIP_FAULT_FREE_SPACE);
}

/* @n_data were given and @n_left are told to be there: does that agree with what was told before? */
static gboolean
agrees (const SimBipJudge *judge, gsize n_data, gsize n_left)
{
  if (n_left == LENGTH_OR_MORE)
    return !judge->is_datagram || judge->n_left == LENGTH_OR_MORE;
  if (judge->is_datagram && judge->n_left < LENGTH_OR_MORE)
    return n_data + n_left == judge->n_left;
  return n_data + n_left >= judge->n_left;
}

static void
judge_receive (const Case *this)
{
  const SimTlv *data = find (&this->response, TAG_CHANNEL_DATA);
  SimBipJudge *judge = this->judge;
  gsize n_asked = get_asked (this, TAG_CHANNEL_DATA_LENGTH);
  gsize n_due = MIN (n_asked, RECEIVE_MAX);
  gsize n_left = 0;

  if (!this->is_success)
    return;
  if (data == NULL)
    sim_bip_judge_complain (judge, SIM_BIP_FAULT_MISSING_OBJECT);
  if (!get_number (this, TAG_CHANNEL_DATA_LENGTH, sizeof (guint8), &n_left) || data == NULL)
    return;
  complain_unless (judge, data->value.size <= n_asked, SIM_BIP_FAULT_MORE_THAN_ASKED);
  complain_unless (judge,
                   this->result
                       == (data->value.size < n_due ? RESULT_MISSING_INFORMATION : RESULT_OK) << 8,
                   SIM_BIP_FAULT_RESULT);
  complain_unless (
      judge, agrees (judge, data->value.size, n_left) && (data->value.size >= n_due || n_left == 0),
      SIM_BIP_FAULT_DATA_LEFT);
  judge->n_left = n_left;
  judge->is_announced = FALSE;
}

/* A channel that the terminal has lost is closed already, and it may say so. */
static void
judge_close (const Case *this)
{
  complain_unless (this->judge,
                   this->result == RESULT_OK
                       || (this->result == RESULT_BIP_ERROR_CLOSED && this->judge->has_dropped),
                   SIM_BIP_FAULT_RESULT);
  forget_channel (this->judge);
}

static void
judge_type (const Case *this)
{
  switch (this->type)
    {
    case TYPE_OPEN_CHANNEL:
      judge_open (this);
      break;
    case TYPE_SEND_DATA:
      judge_send (this);
      break;
    case TYPE_RECEIVE_DATA:
      judge_receive (this);
      break;
    case TYPE_CLOSE_CHANNEL:
      judge_close (this);
      break;
    default:
      complain_unless (this->judge, this->result == RESULT_OK, SIM_BIP_FAULT_RESULT);
    }
}

void
sim_bip_judge_response (SimBipJudge *judge, EaSpan command, EaSpan response)
{
  Case this = { .judge = judge };
  EaReader reader;

  ea_reader_init (&reader, command);
  read_objects (judge, sim_tlv_read (&reader).value, &this.command);
  g_assert (this.command.n > 0);
  ea_reader_init (&reader, this.command.all[0].value);
  (void) ea_reader_u8 (&reader);
  this.type = ea_reader_u8 (&reader);
  this.qualifier = ea_reader_u8 (&reader);

  read_objects (judge, response, &this.response);
  judge_head (&this);
  judge_objects (&this);
  judge_type (&this);
}

static void
judge_data_available (SimBipJudge *judge, const Objects *event)
{
  const SimTlv *length = find (event, TAG_CHANNEL_DATA_LENGTH);
  gsize n_left;
  EaReader reader;

  if (length == NULL || length->value.size != 1)
    {
      sim_bip_judge_complain (judge, SIM_BIP_FAULT_MISSING_OBJECT);
      return;
    }
  ea_reader_init (&reader, length->value);
  n_left = ea_reader_u8 (&reader);
  complain_unless (judge, !judge->is_announced && !judge->has_dropped, SIM_BIP_FAULT_DOUBLED_EVENT);
  complain_unless (judge,
                   n_left > 0 && n_left >= judge->n_left
                       && (!judge->is_datagram || judge->n_left == 0 || n_left == judge->n_left),
                   SIM_BIP_FAULT_DATA_LEFT);
  judge->is_announced = TRUE;
  judge->n_left = n_left;
}

static void
judge_channel_status (SimBipJudge *judge)
{
  complain_unless (judge, !judge->has_dropped, SIM_BIP_FAULT_DOUBLED_EVENT);
  complain_unless (judge, judge->n_left == 0, SIM_BIP_FAULT_STATUS_BEFORE_DRAINED);
  judge->has_dropped = TRUE;
}

/* The channel status of an event: that of the card's channel, or a complaint and FALSE */
static gboolean
judge_channel (SimBipJudge *judge, const Objects *event, guint8 flags, guint8 information)
{
  const SimTlv *object = find (event, TAG_CHANNEL_STATUS);
  guint8 first;
  EaReader reader;

  if (object == NULL || object->value.size != sizeof (guint16))
    {
      sim_bip_judge_complain (judge, SIM_BIP_FAULT_MISSING_OBJECT);
      return FALSE;
    }
  ea_reader_init (&reader, object->value);
  first = ea_reader_u8 (&reader);
  if (judge->channel != (first & CHANNEL_MASK))
    {
      complain_unless (judge, judge->channel == 0, SIM_BIP_FAULT_WRONG_CHANNEL);
      return FALSE;
    }
  complain_unless (judge,
                   first == (flags | judge->channel) && ea_reader_u8 (&reader) == information,
                   SIM_BIP_FAULT_CHANNEL_STATUS);
  return TRUE;
}

static gsize
get_event (const Objects *body)
{
  const SimTlv *list = find (body, TAG_EVENT_LIST);
  EaReader reader;

  if (list == NULL || list->value.size != 1)
    return 0;
  ea_reader_init (&reader, list->value);
  return ea_reader_u8 (&reader);
}

static void
judge_event (SimBipJudge *judge, EaSpan body)
{
  Objects event = { 0 };
  gsize kind;

  read_objects (judge, body, &event);
  kind = get_event (&event);
  if (kind != EVENT_DATA_AVAILABLE && kind != EVENT_CHANNEL_STATUS)
    return;
  judge_devices (judge, &event);
  complain_unless (judge, event.n == (kind == EVENT_DATA_AVAILABLE ? 4 : 3),
                   SIM_BIP_FAULT_UNKNOWN_OBJECT);
  if (kind == EVENT_DATA_AVAILABLE && judge_channel (judge, &event, STATUS_ESTABLISHED, 0))
    judge_data_available (judge, &event);
  if (kind == EVENT_CHANNEL_STATUS && judge_channel (judge, &event, 0, STATUS_LINK_DROPPED))
    judge_channel_status (judge);
}

void
sim_bip_judge_envelope (SimBipJudge *judge, EaSpan envelope)
{
  EaSpan body = EA_SPAN_EMPTY;
  EaReader reader;

  ea_reader_init (&reader, envelope);
  if (ea_reader_u8 (&reader) == TAG_EVENT_DOWNLOAD && read_value (judge, &reader, &body))
    judge_event (judge, body);
}

void
sim_bip_judge_append_json (const SimBipJudge *judge, GString *json)
{
  const char *separator = "";

  for (gsize i = 0; i < SIM_BIP_N_FAULTS; i++)
    {
      if (judge->counts[i] == 0)
        continue;
      g_string_append_printf (json, "%s\"%s\":%u", separator, names[i], judge->counts[i]);
      separator = ",";
    }
}

char *
sim_bip_judge_take (SimBipJudge *judge)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < SIM_BIP_N_FAULTS; i++)
    {
      if (judge->fresh[i] > 0)
        g_string_append_printf (text, "%s%s=%u", text->len == 0 ? "" : " ", names[i],
                                judge->fresh[i]);
      judge->fresh[i] = 0;
    }
  return g_string_free (text, text->len == 0);
}
