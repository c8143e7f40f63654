/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Both packets have the same shape: two lengths, a part in clear, then counter, padding counter
 * (and status), checksum, data and padding, which may be ciphered. A Layout says what differs.
 * Left out: digital signatures, and keyed algorithms that a KIc or KID leaves implicit.
 */

#include "sim-scp80.h"

#include "core/error.h"
#include "sim-crypto.h"
#include "sim-tlv.h"

/* SPI KIc KID TAR; the response has the TAR only */
#define COMMAND_CLEAR_SIZE 7
#define RESPONSE_CLEAR_SIZE 3
#define COMMAND_BODY_SIZE 6
#define RESPONSE_BODY_SIZE 7
#define COMMAND_PACKET_IDENTIFIER 0x01
#define RESPONSE_PACKET_IDENTIFIER 0x02

typedef struct
{
  SimScp80Form form;
  gboolean is_response;
  guint integrity;
  gboolean is_ciphered;
  guint8 kic;
  guint8 kid;
  gboolean is_corrupt;
} Layout;

typedef struct
{
  guint64 counter;
  guint8 padding;
  guint8 status;
} Body;

guint
sim_scp80_get_integrity (guint8 spi1)
{
  return spi1 & 0x03;
}

guint
sim_scp80_get_response_integrity (guint8 spi2)
{
  return spi2 >> 2 & 0x03;
}

static Layout
get_layout (const SimScp80Command *command, SimScp80Form form, gboolean is_response)
{
  if (is_response)
    return (Layout){ .form = form,
                     .is_response = TRUE,
                     .integrity = sim_scp80_get_response_integrity (command->spi2),
                     .is_ciphered = (command->spi2 & SIM_SCP80_SPI2_CIPHERED) != 0,
                     .kic = command->kic,
                     .kid = command->kid };
  return (Layout){ .form = form,
                   .integrity = sim_scp80_get_integrity (command->spi1),
                   .is_ciphered = (command->spi1 & SIM_SCP80_SPI1_CIPHERED) != 0,
                   .kic = command->kic,
                   .kid = command->kid,
                   .is_corrupt = command->is_corrupt };
}

static gsize
get_clear_size (const Layout *layout)
{
  return layout->is_response ? RESPONSE_CLEAR_SIZE : COMMAND_CLEAR_SIZE;
}

static gsize
get_body_size (const Layout *layout)
{
  return layout->is_response ? RESPONSE_BODY_SIZE : COMMAND_BODY_SIZE;
}

/* Low nibble of KIc, and of KID where it names a checksum: TS 102 225 §5.1.2, §5.1.3 */
static gboolean
get_algorithm (SimAlgorithm *out, guint8 key_identifier, GError **error)
{
  switch (key_identifier & 0x0F)
    {
    case 0x01:
    case 0x05:
    case 0x09:
      *out = SIM_ALGORITHM_DES;
      return TRUE;
    case 0x0D:
      *out = SIM_ALGORITHM_DES_ECB;
      return TRUE;
    case 0x02:
      *out = SIM_ALGORITHM_AES;
      return TRUE;
    default:
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                   "The algorithm of key identifier %02X is not supported", key_identifier);
      return FALSE;
    }
}

/* (transfer full) (nullable): two octets with CRC 16, four with CRC 32 */
static GBytes *
compute_redundancy_check (guint8 kid, EaSpan message, GError **error)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  switch (kid & 0x0F)
    {
    case 0x01:
      ea_writer_u16be (&writer, sim_crypto_crc16 (message));
      return ea_writer_steal (&writer);
    case 0x00: /* known implicitly to both ends, which here means the longer one */
    case 0x05:
      ea_writer_u32be (&writer, sim_crypto_crc32 (message));
      return ea_writer_steal (&writer);
    default:
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                   "The redundancy check of key identifier %02X is not supported", kid);
      return NULL;
    }
}

static GBytes *
compute_integrity (const Layout *layout, EaSpan message, const SimScp80Keys *keys, GError **error)
{
  SimAlgorithm algorithm;

  switch (layout->integrity)
    {
    case SIM_SCP80_INTEGRITY_NONE:
      return g_bytes_new (NULL, 0);
    case SIM_SCP80_INTEGRITY_RC:
      return compute_redundancy_check (layout->kid, message, error);
    case SIM_SCP80_INTEGRITY_CC:
      if (!get_algorithm (&algorithm, layout->kid, error))
        return NULL;
      return sim_crypto_mac (algorithm, keys->kid, message, error);
    default:
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                           "Digital signatures are not supported");
      return NULL;
    }
}

static gsize
get_integrity_size (const Layout *layout)
{
  switch (layout->integrity)
    {
    case SIM_SCP80_INTEGRITY_RC:
      return (layout->kid & 0x0F) == 0x01 ? sizeof (guint16) : sizeof (guint32);
    case SIM_SCP80_INTEGRITY_CC:
      return SIM_CRYPTO_MAC_SIZE;
    default:
      return 0;
    }
}

static void
write_body (EaWriter *writer, const Layout *layout, const Body *body)
{
  ea_writer_u8 (writer, (guint8) (body->counter >> 32));
  ea_writer_u32be (writer, (guint32) body->counter);
  ea_writer_u8 (writer, body->padding);
  if (layout->is_response)
    ea_writer_u8 (writer, body->status);
}

static Body
read_body (EaReader *reader, const Layout *layout)
{
  Body body = { 0 };

  body.counter = (guint64) ea_reader_u8 (reader) << 32;
  body.counter |= ea_reader_u32be (reader);
  body.padding = ea_reader_u8 (reader);
  if (layout->is_response)
    body.status = ea_reader_u8 (reader);
  return body;
}

/* 3GPP TS 31.115 §4.3: the user data header of a response counts, that of a command does not. */
static GBytes *
compute_packet_integrity (const Layout *layout, EaSpan header, const Body *body,
                          EaSpan data_and_padding, const SimScp80Keys *keys, GError **error)
{
  static const guint8 response_header[] = { 0x02, 0x71, 0x00 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  if (layout->is_response && layout->form == SIM_SCP80_FORM_SMS)
    ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (response_header));
  ea_writer_bytes (&writer, header);
  write_body (&writer, layout, body);
  ea_writer_bytes (&writer, data_and_padding);
  return compute_integrity (layout, ea_writer_span (&writer), keys, error);
}

static void
write_header (EaWriter *writer, const Layout *layout, EaSpan clear, gsize rest_size)
{
  guint8 header_length
      = (guint8) (clear.size + get_body_size (layout) + get_integrity_size (layout));
  gsize packet_length = 1 + clear.size + rest_size;

  if (layout->form == SIM_SCP80_FORM_CAT_TP)
    {
      ea_writer_u8 (writer,
                    layout->is_response ? RESPONSE_PACKET_IDENTIFIER : COMMAND_PACKET_IDENTIFIER);
      sim_tlv_write_length (writer, packet_length);
    }
  else
    {
      ea_writer_u16be (writer, (guint16) packet_length);
    }
  ea_writer_u8 (writer, header_length);
  ea_writer_bytes (writer, clear);
}

static GBytes *
pad_data (const Layout *layout, EaSpan data, guint8 *padding, GError **error)
{
  gsize size = get_body_size (layout) + get_integrity_size (layout) + data.size;
  g_auto (EaWriter) writer = { 0 };
  SimAlgorithm algorithm;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, data);
  *padding = 0;
  if (layout->is_ciphered)
    {
      if (!get_algorithm (&algorithm, layout->kic, error))
        return NULL;
      for (; size % sim_crypto_block_size (algorithm) != 0; size++, (*padding)++)
        ea_writer_u8 (&writer, 0);
    }
  return ea_writer_steal (&writer);
}

static GBytes *
cipher_rest (const Layout *layout, EaSpan plain, const SimScp80Keys *keys, GError **error)
{
  SimAlgorithm algorithm;

  if (!layout->is_ciphered)
    return ea_span_to_bytes (plain);
  if (!get_algorithm (&algorithm, layout->kic, error))
    return NULL;
  return sim_crypto_encrypt (algorithm, keys->kic, plain, error);
}

static void
write_integrity (EaWriter *writer, const Layout *layout, EaSpan integrity)
{
  EaReader reader;
  guint8 first;

  ea_reader_init (&reader, integrity);
  if (integrity.size > 0)
    {
      first = ea_reader_u8 (&reader);
      ea_writer_u8 (writer, layout->is_corrupt ? first ^ 1 : first);
    }
  ea_writer_bytes (writer, ea_reader_rest (&reader));
}

static GBytes *
seal (const Layout *layout, EaSpan clear, Body body, EaSpan data, const SimScp80Keys *keys,
      GError **error)
{
  g_autoptr (GBytes) padded = pad_data (layout, data, &body.padding, error);
  g_autoptr (GBytes) integrity = NULL;
  g_autoptr (GBytes) ciphered = NULL;
  g_auto (EaWriter) packet = { 0 };
  g_auto (EaWriter) rest = { 0 };
  EaSpan padded_span = ea_span_from_bytes (padded);

  ea_writer_init (&packet);
  ea_writer_init (&rest);
  if (padded == NULL)
    return NULL;

  write_header (&packet, layout, clear,
                get_body_size (layout) + get_integrity_size (layout) + padded_span.size);
  integrity = compute_packet_integrity (layout, ea_writer_span (&packet), &body, padded_span, keys,
                                        error);
  if (integrity == NULL)
    return NULL;

  write_body (&rest, layout, &body);
  write_integrity (&rest, layout, ea_span_from_bytes (integrity));
  ea_writer_bytes (&rest, padded_span);
  ciphered = cipher_rest (layout, ea_writer_span (&rest), keys, error);
  if (ciphered == NULL)
    return NULL;
  ea_writer_bytes (&packet, ea_span_from_bytes (ciphered));
  return ea_writer_steal (&packet);
}

/* Moves @reader behind both lengths; gives the header length, 0 when something does not fit. */
static gsize
read_lengths (EaReader *reader, SimScp80Form form, guint8 identifier)
{
  gsize packet_length;

  if (form == SIM_SCP80_FORM_CAT_TP)
    {
      if (ea_reader_u8 (reader) != identifier)
        return 0;
      packet_length = sim_tlv_read_length (reader);
    }
  else
    {
      packet_length = ea_reader_u16be (reader);
    }
  if (!ea_reader_is_ok (reader) || packet_length != ea_reader_remaining (reader))
    return 0;
  return ea_reader_u8 (reader);
}

static GBytes *
decipher_rest (const Layout *layout, EaSpan ciphered, const SimScp80Keys *keys, GError **error)
{
  SimAlgorithm algorithm;

  if (!layout->is_ciphered)
    return ea_span_to_bytes (ciphered);
  if (!get_algorithm (&algorithm, layout->kic, error))
    return NULL;
  return sim_crypto_decrypt (algorithm, keys->kic, ciphered, error);
}

static gboolean
check_integrity (const Layout *layout, EaSpan header, const Body *body, EaSpan given,
                 EaSpan data_and_padding, const SimScp80Keys *keys, GError **error)
{
  g_autoptr (GBytes) expected
      = compute_packet_integrity (layout, header, body, data_and_padding, keys, error);

  if (expected == NULL)
    return FALSE;
  if (!ea_span_equal (ea_span_from_bytes (expected), given))
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY,
                           layout->integrity == SIM_SCP80_INTEGRITY_RC
                               ? "The redundancy check is wrong"
                               : "The cryptographic checksum is wrong");
      return FALSE;
    }
  return TRUE;
}

/* @header is the part of the packet that is never ciphered, @ciphered the rest. */
static GBytes *
open_rest (const Layout *layout, EaSpan header, EaSpan ciphered, Body *out,
           const SimScp80Keys *keys, GError **error)
{
  g_autoptr (GBytes) plain = decipher_rest (layout, ciphered, keys, error);
  EaSpan integrity;
  EaSpan data_and_padding;
  EaReader reader;
  Body body;

  if (plain == NULL)
    return NULL;
  ea_reader_init (&reader, ea_span_from_bytes (plain));
  body = read_body (&reader, layout);
  integrity = ea_reader_bytes (&reader, get_integrity_size (layout));
  data_and_padding = ea_reader_rest (&reader);
  if (!ea_reader_is_ok (&reader))
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_TRUNCATED,
                           "The packet ends before its header does");
      return NULL;
    }
  if (!check_integrity (layout, header, &body, integrity, data_and_padding, keys, error))
    return NULL;
  if (body.padding > data_and_padding.size)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "%u octets of padding are more than there are", body.padding);
      return NULL;
    }

  *out = body;
  ea_reader_init (&reader, data_and_padding);
  return ea_span_to_bytes (ea_reader_bytes (&reader, data_and_padding.size - body.padding));
}

static GBytes *
open_packet (const Layout *layout, EaSpan packet, EaReader *reader, gsize header_length, Body *out,
             const SimScp80Keys *keys, GError **error)
{
  gsize expected = get_clear_size (layout) + get_body_size (layout) + get_integrity_size (layout);
  EaSpan ciphered = ea_reader_rest (reader);
  EaReader start;

  if (header_length != expected)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "The header length is %" G_GSIZE_FORMAT ", not %" G_GSIZE_FORMAT, header_length,
                   expected);
      return NULL;
    }
  ea_reader_init (&start, packet);
  return open_rest (layout, ea_reader_bytes (&start, packet.size - ciphered.size), ciphered, out,
                    keys, error);
}

static gboolean
read_command (EaReader *reader, SimScp80Command *out, SimScp80Form form, EaSpan packet,
              gsize *header_length, GError **error)
{
  SimScp80Command command = { 0 };

  ea_reader_init (reader, packet);
  *header_length = read_lengths (reader, form, COMMAND_PACKET_IDENTIFIER);
  command.spi1 = ea_reader_u8 (reader);
  command.spi2 = ea_reader_u8 (reader);
  command.kic = ea_reader_u8 (reader);
  command.kid = ea_reader_u8 (reader);
  command.tar = ea_reader_u24be (reader);
  if (!ea_reader_is_ok (reader) || *header_length < COMMAND_CLEAR_SIZE + COMMAND_BODY_SIZE)
    {
      g_set_error_literal (error, EA_CORE_ERROR,
                           ea_reader_is_ok (reader) ? EA_CORE_ERROR_MALFORMED
                                                    : EA_CORE_ERROR_TRUNCATED,
                           "The lengths of the command packet contradict its size");
      return FALSE;
    }
  *out = command;
  return TRUE;
}

gboolean
sim_scp80_parse_command (SimScp80Command *out, SimScp80Form form, EaSpan packet, GError **error)
{
  EaReader reader;
  gsize header_length;

  return read_command (&reader, out, form, packet, &header_length, error);
}

GBytes *
sim_scp80_open_command (SimScp80Command *out, SimScp80Form form, EaSpan packet,
                        const SimScp80Keys *keys, GError **error)
{
  SimScp80Command command;
  Body body = { 0 };
  GBytes *data;
  EaReader reader;
  Layout layout;
  gsize header_length;

  if (!read_command (&reader, &command, form, packet, &header_length, error))
    return NULL;
  layout = get_layout (&command, form, FALSE);
  data = open_packet (&layout, packet, &reader, header_length, &body, keys, error);
  if (data == NULL)
    return NULL;
  command.counter = body.counter;
  command.padding = body.padding;
  *out = command;
  return data;
}

GBytes *
sim_scp80_seal_command (const SimScp80Command *command, SimScp80Form form, EaSpan data,
                        const SimScp80Keys *keys, GError **error)
{
  Layout layout = get_layout (command, form, FALSE);
  g_auto (EaWriter) clear = { 0 };

  ea_writer_init (&clear);
  ea_writer_u8 (&clear, command->spi1);
  ea_writer_u8 (&clear, command->spi2);
  ea_writer_u8 (&clear, command->kic);
  ea_writer_u8 (&clear, command->kid);
  ea_writer_u24be (&clear, command->tar);
  return seal (&layout, ea_writer_span (&clear), (Body){ .counter = command->counter }, data, keys,
               error);
}

GBytes *
sim_scp80_open_response (SimScp80Response *out, const SimScp80Command *command, SimScp80Form form,
                         EaSpan packet, const SimScp80Keys *keys, GError **error)
{
  Layout layout = get_layout (command, form, TRUE);
  Body body = { 0 };
  GBytes *data;
  EaReader reader;
  gsize header_length;
  guint32 tar;

  ea_reader_init (&reader, packet);
  header_length = read_lengths (&reader, form, RESPONSE_PACKET_IDENTIFIER);
  tar = ea_reader_u24be (&reader);
  if (!ea_reader_is_ok (&reader) || header_length == 0)
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                           "The lengths of the response packet contradict its size");
      return NULL;
    }
  data = open_packet (&layout, packet, &reader, header_length, &body, keys, error);
  if (data == NULL)
    return NULL;
  *out = (SimScp80Response){ tar, body.counter, body.padding, body.status };
  return data;
}

GBytes *
sim_scp80_seal_response (const SimScp80Response *response, const SimScp80Command *command,
                         SimScp80Form form, EaSpan data, const SimScp80Keys *keys, GError **error)
{
  Layout layout = get_layout (command, form, TRUE);
  Body body = { .counter = response->counter, .status = response->status };
  g_auto (EaWriter) clear = { 0 };

  ea_writer_init (&clear);
  ea_writer_u24be (&clear, response->tar);
  return seal (&layout, ea_writer_span (&clear), body, data, keys, error);
}
