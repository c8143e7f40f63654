/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secured packets with their keys, TS 102 225 §5.1 and §5.2. A packet is checked in the order of §5.1: the
 * deciphering, the checksum, the counter. Left out: digital signatures, for which TS 102 225 names no
 * algorithm.
 */

#include "core/scp80-seal.h"

#include "core/error.h"
#include "core/scp80-crypto.h"

/* Octets of the body before RC/CC/DS: CNTR and PCNTR, and the status of a response packet */
#define COMMAND_BODY_MIN 6
#define RESPONSE_BODY_MIN 7

static gsize
get_body_min (EaScp80Kind kind)
{
  return kind == EA_SCP80_COMMAND ? COMMAND_BODY_MIN : RESPONSE_BODY_MIN;
}

EaScp80Security
ea_scp80_get_security (const EaScp80Header *command)
{
  EaScp80Spi spi = ea_scp80_read_spi (command->spi);

  return (EaScp80Security){ spi.integrity, 0, spi.is_ciphered, command->kic, command->kid };
}

EaScp80Security
ea_scp80_get_response_security (const EaScp80Header *command)
{
  EaScp80Spi spi = ea_scp80_read_spi (command->spi);

  return (EaScp80Security){ spi.por_integrity, 0, spi.is_por_ciphered, command->kic, command->kid };
}

static void
plain_free (GByteArray *plain)
{
  ea_scp80_wipe (plain->data, plain->len);
  g_byte_array_unref (plain);
}

void
ea_scp80_contents_clear (EaScp80Contents *contents)
{
  g_clear_pointer (&contents->plain, plain_free);
  *contents = (EaScp80Contents){ 0 };
}

static EaScp80Cipher
get_implicit_cipher (EaScp80Algorithm algorithm)
{
  switch (algorithm)
    {
    case EA_SCP80_ALGORITHM_AES:
      break;
    case EA_SCP80_ALGORITHM_3DES:
      return EA_SCP80_CIPHER_3DES_CBC;
    case EA_SCP80_ALGORITHM_DES:
      return EA_SCP80_CIPHER_DES_CBC;
    }
  return EA_SCP80_CIPHER_AES_CBC;
}

/* DES is triple DES with one key thrice: a key set for triple DES may have a key for DES beside another. */
static EaScp80Algorithm
get_algorithm_of_key (EaScp80Algorithm algorithm, gsize key_size)
{
  gboolean is_single = algorithm == EA_SCP80_ALGORITHM_3DES && key_size == EA_SCP80_DES_KEY_SIZE;

  return is_single ? EA_SCP80_ALGORITHM_DES : algorithm;
}

gboolean
ea_scp80_suits_algorithm (EaScp80Algorithm algorithm, gsize size)
{
  return ea_scp80_is_key_size (get_implicit_cipher (get_algorithm_of_key (algorithm, size)), size);
}

/* The cipher that the low half of KIc or KID names, and the size of key that it asks for: 0 for any. FALSE
 * when it names none. */
static gboolean
read_algorithm (guint8 octet, EaScp80Algorithm implicit, EaScp80Cipher *cipher, gsize *key_size)
{
  *key_size = 0;
  switch (octet & EA_SCP80_ALGORITHM_MASK)
    {
    case EA_SCP80_IMPLICIT:
      *cipher = get_implicit_cipher (implicit);
      return TRUE;
    case EA_SCP80_DES_CBC:
      *cipher = EA_SCP80_CIPHER_DES_CBC;
      return TRUE;
    case EA_SCP80_DES_ECB:
      *cipher = EA_SCP80_CIPHER_DES_ECB;
      return TRUE;
    case EA_SCP80_3DES_2_KEYS:
      *cipher = EA_SCP80_CIPHER_3DES_CBC;
      *key_size = EA_SCP80_3DES_2_KEY_SIZE;
      return TRUE;
    case EA_SCP80_3DES_3_KEYS:
      *cipher = EA_SCP80_CIPHER_3DES_CBC;
      *key_size = EA_SCP80_3DES_3_KEY_SIZE;
      return TRUE;
    case EA_SCP80_AES:
      *cipher = EA_SCP80_CIPHER_AES_CBC;
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_of_algorithm (EaScp80Cipher cipher, EaScp80Algorithm algorithm)
{
  EaScp80Cipher base = cipher == EA_SCP80_CIPHER_DES_ECB ? EA_SCP80_CIPHER_DES_CBC : cipher;

  return base == get_implicit_cipher (algorithm);
}

/* @octet is KIc or KID, as @name says; @key is the one that it is about. */
static gboolean
choose_cipher (const char *name, guint8 octet, const EaScp80Keys *keys, EaSpan key,
               EaScp80Cipher *out, GError **error)
{
  EaScp80Algorithm algorithm = get_algorithm_of_key (keys->algorithm, key.size);
  EaScp80Cipher cipher;
  gsize key_size;

  if (!read_algorithm (octet, algorithm, &cipher, &key_size))
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                              "%s %02X names no algorithm that is known", name, octet);
  if (!is_of_algorithm (cipher, algorithm))
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, NULL,
                              "%s %02X names another algorithm than that of the key set", name,
                              octet);
  if (!ea_scp80_is_key_size (cipher, key.size) || (key_size != 0 && key_size != key.size))
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, NULL,
                              "%s %02X does not go with a key of %" G_GSIZE_FORMAT " bytes", name,
                              octet, key.size);
  *out = cipher;
  return TRUE;
}

static gboolean
choose_kic_cipher (const EaScp80Security *security, const EaScp80Keys *keys, EaScp80Cipher *out,
                   GError **error)
{
  if (keys == NULL)
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, NULL, "Packet is ciphered: no key");
  return choose_cipher ("KIc", security->kic, keys, keys->kic, out, error);
}

static gboolean
choose_kid_cipher (const EaScp80Security *security, const EaScp80Keys *keys, EaScp80Cipher *out,
                   GError **error)
{
  if (keys == NULL)
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, NULL, "Packet has a CC: no key");
  if ((security->kid & EA_SCP80_ALGORITHM_MASK) == EA_SCP80_DES_ECB)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                              "KID %02X names no algorithm that is known", security->kid);
  return choose_cipher ("KID", security->kid, keys, keys->kid, out, error);
}

/* There are as many bytes, by the header length: see ea_scp80_parse(). */
static void
divide_body (const EaScp80Packet *packet, EaScp80Contents *contents)
{
  EaReader reader;
  EaSpan rest;

  ea_reader_init (&reader, contents->body);
  contents->counter = (guint64) ea_reader_u8 (&reader) << 32;
  contents->counter |= ea_reader_u32be (&reader);
  contents->padding = ea_reader_u8 (&reader);
  if (packet->header.kind == EA_SCP80_RESPONSE)
    contents->status = ea_reader_u8 (&reader);
  contents->integrity = ea_reader_bytes (&reader, packet->integrity_size);
  rest = ea_reader_rest (&reader);
  contents->is_padded = contents->padding <= rest.size;
  contents->data = contents->is_padded ? ea_span_head (rest, rest.size - contents->padding) : rest;
}

gboolean
ea_scp80_open (const EaScp80Packet *packet, const EaScp80Security *security,
               const EaScp80Keys *keys, EaScp80Contents *out, GError **error)
{
  EaScp80Contents contents = { .body = packet->body };
  EaScp80Cipher cipher;

  if (security->is_ciphered)
    {
      if (!choose_kic_cipher (security, keys, &cipher, error))
        return FALSE;
      contents.plain = ea_scp80_decipher (cipher, keys->kic, packet->body, error);
      if (contents.plain == NULL)
        return FALSE;
      contents.body = ea_span_from_array (contents.plain);
    }

  divide_body (packet, &contents);
  *out = contents;
  return TRUE;
}

/* What RC and CC cover: all but themselves, §5.1, and before a response its user data header, TS 31.115 §4.3 */
static void
write_covered (EaWriter *writer, const EaScp80Header *header, EaSpan clear, EaSpan before,
               EaSpan after)
{
  if (header->kind == EA_SCP80_RESPONSE && header->form == EA_SCP80_FORM_SMS)
    ea_writer_bytes (writer, ea_scp80_get_user_data_header (EA_SCP80_RESPONSE));
  ea_writer_bytes (writer, clear);
  ea_writer_bytes (writer, before);
  ea_writer_bytes (writer, after);
}

/* RC or CC of @size over @covered */
static gboolean
compute_integrity (const EaScp80Security *security, gsize size, const EaScp80Keys *keys,
                   EaSpan covered, EaScp80Mac *out, GError **error)
{
  EaScp80Cipher cipher;

  switch (security->integrity)
    {
    case EA_SCP80_INTEGRITY_NONE:
      *out = (EaScp80Mac){ 0 };
      return TRUE;
    case EA_SCP80_INTEGRITY_RC:
      ea_scp80_compute_rc (size, covered, out);
      return TRUE;
    case EA_SCP80_INTEGRITY_CC:
      break;
    case EA_SCP80_INTEGRITY_DS:
      return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                                "Digital signatures are not supported");
    }

  if (!choose_kid_cipher (security, keys, &cipher, error))
    return FALSE;
  if (size < EA_SCP80_CC_SIZE && cipher != EA_SCP80_CIPHER_AES_CBC)
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, NULL,
                              "CC of DES has %" G_GSIZE_FORMAT " bytes, not %d", size,
                              EA_SCP80_CC_SIZE);
  return ea_scp80_compute_cc (cipher, keys->kid, covered, out, error);
}

gboolean
ea_scp80_verify (const EaScp80Packet *packet, const EaScp80Security *security,
                 const EaScp80Keys *keys, const EaScp80Contents *contents, GError **error)
{
  gsize n_before = get_body_min (packet->header.kind);
  g_auto (EaWriter) covered = { 0 };
  EaScp80Mac mac;

  if (!ea_scp80_is_integrity_size (security->integrity, security->kid, contents->integrity.size))
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, packet->body.data,
                              "RC/CC/DS of %" G_GSIZE_FORMAT " bytes can't be integrity '%s'",
                              contents->integrity.size,
                              ea_scp80_get_integrity_name (security->integrity));
  ea_writer_init (&covered);
  write_covered (&covered, &packet->header, packet->clear, ea_span_head (contents->body, n_before),
                 ea_span_tail (contents->body, n_before + contents->integrity.size));
  if (!compute_integrity (security, contents->integrity.size, keys, ea_writer_span (&covered), &mac,
                          error))
    return FALSE;
  if (security->integrity != EA_SCP80_INTEGRITY_NONE
      && !ea_scp80_mac_has_prefix (&mac, contents->integrity))
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, packet->body.data,
                              "Integrity '%s' of %" G_GSIZE_FORMAT " bytes does not fit",
                              ea_scp80_get_integrity_name (security->integrity),
                              contents->integrity.size);
  return TRUE;
}

static gboolean
check_padding (const EaScp80Packet *packet, const EaScp80Contents *contents, GError **error)
{
  if (contents->is_padded)
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, packet->body.data,
                            "PCNTR is %u, but %" G_GSIZE_FORMAT " bytes follow RC/CC/DS",
                            contents->padding, contents->data.size);
}

gboolean
ea_scp80_unwrap_response (const EaScp80Packet *packet, const EaScp80Security *security,
                          const EaScp80Keys *keys, EaScp80Contents *out, GError **error)
{
  g_auto (EaScp80Contents) contents = { 0 };

  if (!ea_scp80_open (packet, security, keys, &contents, error)
      || !ea_scp80_verify (packet, security, keys, &contents, error)
      || !check_padding (packet, &contents, error))
    return FALSE;

  *out = contents;
  contents = (EaScp80Contents){ 0 };
  return TRUE;
}

/* The level of security without which nothing is executed, SGP.02 §2.4.3 */
static gboolean
check_command_security (const EaScp80Packet *packet, GError **error)
{
  EaScp80Spi spi = ea_scp80_read_spi (packet->header.spi);
  gboolean is_checked
      = spi.counter_mode == EA_SCP80_COUNTER_HIGHER || spi.counter_mode == EA_SCP80_COUNTER_NEXT;

  if (spi.integrity != EA_SCP80_INTEGRITY_CC)
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, packet->fields.data,
                              "Command packet has integrity '%s', not 'cc'",
                              ea_scp80_get_integrity_name (spi.integrity));
  if (packet->integrity_size != EA_SCP80_CC_SIZE)
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, packet->fields.data,
                              "Command packet has a CC of %" G_GSIZE_FORMAT " bytes, not %d",
                              packet->integrity_size, EA_SCP80_CC_SIZE);
  if (!is_checked)
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, packet->fields.data,
                              "Command packet has '%s': its counter must be checked",
                              ea_scp80_get_counter_mode_name (spi.counter_mode));
  if ((packet->header.kic & EA_SCP80_ALGORITHM_MASK) == EA_SCP80_DES_ECB)
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, packet->fields.data,
                              "Command packet has KIc %02X: DES in ECB mode hides too little",
                              packet->header.kic);
  return TRUE;
}

/* There is one key set for both keys, which KID selects. */
static gboolean
check_command_fields (const EaScp80Packet *packet, GError **error)
{
  const EaScp80Header *header = &packet->header;
  guint8 kic_set = ea_scp80_get_key_set (header->kic);
  guint8 kid_set = ea_scp80_get_key_set (header->kid);

  if ((header->spi & EA_SCP80_SPI_RESERVED) != 0)
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, packet->fields.data,
                              "Command packet has SPI %04X, with bits that are reserved",
                              header->spi);
  if (ea_scp80_read_spi (header->spi).is_ciphered && kic_set != kid_set)
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, packet->fields.data,
                              "Command packet has key set %u in KIc, but %u in KID", kic_set,
                              kid_set);
  return TRUE;
}

/* @mode is one that checks the counter: see check_command_security(). */
static EaScp80Status
compare_counter (EaScp80CounterMode mode, guint64 counter, guint64 highest)
{
  if (highest >= EA_SCP80_COUNTER_MAX)
    return EA_SCP80_STATUS_COUNTER_BLOCKED;
  if (counter <= highest)
    return EA_SCP80_STATUS_COUNTER_LOW;
  if (mode == EA_SCP80_COUNTER_NEXT && counter > highest + 1)
    return EA_SCP80_STATUS_COUNTER_HIGH;
  return EA_SCP80_STATUS_OK;
}

/* §5.1.4 */
static gboolean
check_counter (const EaScp80Packet *packet, const EaScp80Contents *contents, guint64 *highest,
               EaScp80Status *status, GError **error)
{
  EaScp80CounterMode mode = ea_scp80_read_spi (packet->header.spi).counter_mode;

  *status = compare_counter (mode, contents->counter, *highest);
  if (*status != EA_SCP80_STATUS_OK)
    return ea_core_error_set (error, EA_CORE_ERROR_REPLAY, packet->body.data,
                              "Counter is %" G_GUINT64_FORMAT " after %" G_GUINT64_FORMAT ": %s",
                              contents->counter, *highest,
                              ea_scp80_get_status_name ((guint8) *status));
  *highest = contents->counter;
  return TRUE;
}

gboolean
ea_scp80_unwrap_command (const EaScp80Packet *packet, const EaScp80Keys *keys, guint64 *highest,
                         EaScp80Contents *out, EaScp80Status *status, GError **error)
{
  EaScp80Security security = ea_scp80_get_security (&packet->header);
  g_auto (EaScp80Contents) contents = { 0 };

  *status = EA_SCP80_STATUS_INSUFFICIENT_SECURITY;
  if (!check_command_security (packet, error))
    return FALSE;
  *status = EA_SCP80_STATUS_SECURITY_ERROR;
  if (!check_command_fields (packet, error))
    return FALSE;
  *status = EA_SCP80_STATUS_CIPHERING_ERROR;
  if (!ea_scp80_open (packet, &security, keys, &contents, error))
    return FALSE;
  *status = EA_SCP80_STATUS_INTEGRITY_FAILED;
  if (!ea_scp80_verify (packet, &security, keys, &contents, error))
    return FALSE;
  *status = EA_SCP80_STATUS_SECURITY_ERROR;
  if (!check_padding (packet, &contents, error)
      || !check_counter (packet, &contents, highest, status, error))
    return FALSE;

  *out = contents;
  contents = (EaScp80Contents){ 0 };
  return TRUE;
}

static gsize
choose_integrity_size (const EaScp80Security *security)
{
  if (security->integrity_size > 0)
    return security->integrity_size;
  switch (security->integrity)
    {
    case EA_SCP80_INTEGRITY_NONE:
    case EA_SCP80_INTEGRITY_DS:
      break;
    case EA_SCP80_INTEGRITY_RC:
      return (security->kid & EA_SCP80_ALGORITHM_MASK) == EA_SCP80_KID_CRC16 ? EA_SCP80_RC_16_SIZE
                                                                             : EA_SCP80_RC_32_SIZE;
    case EA_SCP80_INTEGRITY_CC:
      return EA_SCP80_CC_SIZE;
    }
  return 0;
}

static gboolean
check_limits (const EaScp80Security *security, gsize integrity_size,
              const EaScp80Contents *contents, GError **error)
{
  if (!ea_scp80_is_integrity_size (security->integrity, security->kid, integrity_size))
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                              "Integrity '%s' with KID %02X can't have %" G_GSIZE_FORMAT " bytes",
                              ea_scp80_get_integrity_name (security->integrity), security->kid,
                              integrity_size);
  if (contents->counter > EA_SCP80_COUNTER_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "Counter %" G_GUINT64_FORMAT " has more than five octets",
                              contents->counter);
  if (contents->data.size > EA_SCP80_PACKET_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, contents->data.data,
                              "Data of %" G_GSIZE_FORMAT " bytes are more than a packet has",
                              contents->data.size);
  return TRUE;
}

/* CNTR, PCNTR and the status: what stands before RC/CC/DS */
static void
write_before (EaWriter *writer, EaScp80Kind kind, const EaScp80Contents *contents)
{
  ea_writer_u8 (writer, (guint8) (contents->counter >> 32));
  ea_writer_u32be (writer, (guint32) contents->counter);
  ea_writer_u8 (writer, contents->padding);
  if (kind == EA_SCP80_RESPONSE)
    ea_writer_u8 (writer, contents->status);
}

static void
write_after (EaWriter *writer, const EaScp80Contents *contents)
{
  ea_writer_bytes (writer, contents->data);
  for (guint i = 0; i < contents->padding; i++)
    ea_writer_u8 (writer, 0);
}

/* Appends @body, ciphered if @security says so. */
static gboolean
write_body (EaWriter *writer, const EaScp80Security *security, const EaScp80Keys *keys, EaSpan body,
            GError **error)
{
  g_autoptr (GByteArray) ciphered = NULL;
  EaScp80Cipher cipher;

  if (!security->is_ciphered)
    {
      ea_writer_bytes (writer, body);
      return TRUE;
    }
  if (!choose_kic_cipher (security, keys, &cipher, error))
    return FALSE;
  ciphered = ea_scp80_encipher (cipher, keys->kic, body, error);
  if (ciphered == NULL)
    return FALSE;
  ea_writer_bytes (writer, ea_span_from_array (ciphered));
  return TRUE;
}

/* Writes the body with its RC or CC for a packet that begins with @clear. */
static gboolean
write_plain_body (EaWriter *writer, const EaScp80Header *header, const EaScp80Security *security,
                  const EaScp80Keys *keys, const EaScp80Contents *contents, EaSpan clear,
                  GError **error)
{
  gsize integrity_size = choose_integrity_size (security);
  g_auto (EaWriter) covered = { 0 };
  g_auto (EaWriter) after = { 0 };
  EaScp80Mac mac;

  ea_writer_init (&covered);
  ea_writer_init (&after);
  write_before (writer, header->kind, contents);
  write_after (&after, contents);
  write_covered (&covered, header, clear, ea_writer_span (writer), ea_writer_span (&after));
  if (!compute_integrity (security, integrity_size, keys, ea_writer_span (&covered), &mac, error))
    return FALSE;
  ea_writer_bytes (writer, ea_span_init (mac.octets, integrity_size));
  ea_writer_bytes (writer, ea_writer_span (&after));
  return TRUE;
}

GBytes *
ea_scp80_build (const EaScp80Header *header, const EaScp80Security *security,
                const EaScp80Keys *keys, const EaScp80Contents *contents, GError **error)
{
  gsize integrity_size = choose_integrity_size (security);
  g_auto (EaWriter) packet = { 0 };
  g_auto (EaWriter) body = { 0 };

  if (!check_limits (security, integrity_size, contents, error))
    return NULL;
  ea_writer_init (&packet);
  ea_writer_init (&body);
  ea_scp80_write_header (&packet, header, integrity_size, contents->data.size + contents->padding);
  if (!write_plain_body (&body, header, security, keys, contents, ea_writer_span (&packet), error)
      || !write_body (&packet, security, keys, ea_writer_span (&body), error))
    return NULL;
  if (packet.bytes->len > EA_SCP80_PACKET_MAX)
    {
      ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                         "Packet would have %u bytes, not up to %d", packet.bytes->len,
                         EA_SCP80_PACKET_MAX);
      return NULL;
    }
  return ea_writer_steal (&packet);
}

static gboolean
choose_padding (EaScp80Kind kind, const EaScp80Security *security, const EaScp80Keys *keys,
                gsize data_size, guint8 *out, GError **error)
{
  gsize size = get_body_min (kind) + choose_integrity_size (security) + data_size;
  EaScp80Cipher cipher;
  gsize block_size;

  *out = 0;
  if (!security->is_ciphered)
    return TRUE;
  if (!choose_kic_cipher (security, keys, &cipher, error))
    return FALSE;
  block_size = ea_scp80_get_block_size (cipher);
  *out = (guint8) ((block_size - size % block_size) % block_size);
  return TRUE;
}

GBytes *
ea_scp80_wrap (const EaScp80Header *header, const EaScp80Security *security,
               const EaScp80Keys *keys, const EaScp80Contents *contents, GError **error)
{
  EaScp80Contents padded = *contents;

  if (!choose_padding (header->kind, security, keys, contents->data.size, &padded.padding, error))
    return NULL;
  return ea_scp80_build (header, security, keys, &padded, error);
}
