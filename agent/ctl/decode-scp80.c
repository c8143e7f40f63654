/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `euiccctl decode command-packet` and `response-packet`: secured packets of TS 102 225 §5. The clear header
 * is shown in any case, what is behind it as far as the key file opens it. The microscope takes keys more
 * lightly than the agent does: it executes nothing, so a key set for another target will do, and a checksum
 * that does not fit is an answer and no error.
 */

#include "core/scp80-seal.h"
#include "core/sgp02.h"
#include "ctl/decode.h"

#define COUNTER_SIZE 5

/* How well a key set goes with a command packet. */
typedef enum
{
  MATCH_VERSION_AND_TARGET,
  MATCH_VERSION,
  MATCH_ANY,
  N_MATCHES,
} Match;

/**
 * Opening:
 * @n_tried: key sets that were tried
 * @set: (nullable): the one that made @contents what they are
 * @match: how @set was found, of a command packet
 * @is_algorithm_of_packet: the packet names another algorithm than the key file, and the packet was believed
 *
 * A packet and what became of it.
 */
typedef struct
{
  const EaKeys *keys;
  EaScp80Packet packet;
  EaScp80Security security;
  EaScp80Contents contents;
  gboolean is_open;
  gboolean is_verified;
  guint n_tried;
  const EaKeysScp80 *set;
  Match match;
  gboolean is_algorithm_of_packet;
} Opening;

static void
opening_clear (Opening *opening)
{
  ea_scp80_contents_clear (&opening->contents);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opening, opening_clear)

static gboolean
parse_packet (EaScp80Packet *out, EaSpan item, EaScp80Kind kind, EaDecodeForm form, GError **error)
{
  EaScp80Form found = EA_SCP80_FORM_SMS;
  EaSpan packet = item;

  switch (form)
    {
    case EA_DECODE_FORM_SMS:
      packet = ea_scp80_skip_user_data_header (item, kind);
      break;
    case EA_DECODE_FORM_CAT_TP:
      found = EA_SCP80_FORM_CAT_TP;
      break;
    case EA_DECODE_FORM_AUTO:
    case EA_DECODE_FORM_BER:
    case EA_DECODE_FORM_COMPREHENSION:
      if (!ea_scp80_find_form (item, kind, &found, &packet, error))
        return FALSE;
      break;
    }
  return ea_scp80_parse (out, kind, found, packet, error);
}

static void
show_lengths (EaView *view, const EaScp80Packet *packet)
{
  gboolean is_sms = packet->header.form == EA_SCP80_FORM_SMS;
  const char *clause
      = packet->header.kind == EA_SCP80_COMMAND ? "TS 102 225 §5.1" : "TS 102 225 §5.2";
  gsize n_before = packet->clear.size + packet->body.size - packet->length;

  ea_view_cite (view, is_sms ? "TS 31.115 §4" : "TS 102 225 §5");
  ea_view_add_string (view, "form", is_sms ? "sms" : "cat-tp");
  ea_view_at (view, ea_span_tail (packet->clear, is_sms ? 0 : 1)); /* after CPI or RPI */
  ea_view_cite (view, clause);
  ea_view_add_number (view, "length", packet->length);
  ea_view_at (view, ea_span_tail (packet->clear, n_before));
  ea_view_cite (view, clause);
  ea_view_add_number (view, "header_length", packet->header_length);
}

static void
show_spi (EaView *view, EaSpan octets, guint16 octets_value)
{
  EaScp80Spi spi = ea_scp80_read_spi (octets_value);

  ea_view_at (view, octets);
  ea_view_cite (view, "TS 102 225 §5.1.1");
  ea_view_begin_object (view, "spi");
  ea_view_add_string (view, "integrity", ea_scp80_get_integrity_name (spi.integrity));
  ea_view_add_boolean (view, "ciphered", spi.is_ciphered);
  ea_view_add_string (view, "counter", ea_scp80_get_counter_mode_name (spi.counter_mode));
  ea_view_add_string (view, "por", ea_scp80_get_por_name (spi.por));
  ea_view_add_string (view, "por_integrity", ea_scp80_get_integrity_name (spi.por_integrity));
  ea_view_add_boolean (view, "por_ciphered", spi.is_por_ciphered);
  ea_view_add_boolean (view, "por_submit", spi.is_por_submit);
  ea_view_end_object (view);
}

static void
show_fields (EaView *view, const EaScp80Packet *packet)
{
  const EaScp80Header *header = &packet->header;
  EaScp80Integrity integrity = ea_scp80_read_spi (header->spi).integrity;
  EaReader reader;

  ea_reader_init (&reader, packet->fields);
  if (header->kind == EA_SCP80_COMMAND)
    {
      show_spi (view, ea_reader_bytes (&reader, 2), header->spi);
      ea_view_cite (view, "TS 102 225 §5.1.2");
      ea_view_add_bytes_here (view, "kic", ea_reader_bytes (&reader, 1));
      ea_view_add_string (view, "kic_algorithm", ea_scp80_get_kic_name (header->kic));
      ea_view_add_number (view, "kic_key_set", ea_scp80_get_key_set (header->kic));
      ea_view_cite (view, "TS 102 225 §5.1.3");
      ea_view_add_bytes_here (view, "kid", ea_reader_bytes (&reader, 1));
      ea_view_add_string (view, "kid_algorithm", ea_scp80_get_kid_name (header->kid, integrity));
      ea_view_add_number (view, "kid_key_set", ea_scp80_get_key_set (header->kid));
    }
  ea_view_cite (view, "TS 101 220 §6");
  ea_view_add_bytes_here (view, "tar", ea_reader_rest (&reader));
  if (ea_sgp02_get_tar_name (header->tar) != NULL)
    {
      ea_view_cite (view, "SGP.02 §2.2.3");
      ea_view_add_string (view, "application", ea_sgp02_get_tar_name (header->tar));
    }
}

/* The key set that a command packet names: that of its checksum, else of its ciphering. */
static guint8
get_version (const Opening *opening)
{
  const EaScp80Header *header = &opening->packet.header;

  return ea_scp80_get_key_set (opening->security.integrity == EA_SCP80_INTEGRITY_CC ? header->kid
                                                                                    : header->kic);
}

static void
show_contents (EaView *view, const Opening *opening, const EaDecodeOptions *options)
{
  const EaScp80Contents *contents = &opening->contents;
  EaReader reader;

  ea_reader_init (&reader, contents->body);
  ea_view_at (view, ea_reader_bytes (&reader, COUNTER_SIZE));
  ea_view_cite (view, "TS 102 225 §5.1.4");
  ea_view_add_number (view, "counter", contents->counter);
  ea_view_at (view, ea_reader_bytes (&reader, 1));
  ea_view_cite (view, "TS 102 225 §5.1");
  ea_view_add_number (view, "padding", contents->padding);
  if (opening->packet.header.kind == EA_SCP80_RESPONSE)
    {
      ea_view_at (view, ea_reader_bytes (&reader, 1));
      ea_view_cite (view, "TS 102 225 §5.2");
      ea_view_add_named (view, "status", contents->status,
                         ea_scp80_get_status_name (contents->status));
    }
  ea_view_add_string (view, "integrity", ea_scp80_get_integrity_name (opening->security.integrity));
  if (contents->integrity.size > 0)
    ea_view_add_bytes_here (view, "integrity_value", contents->integrity);
  ea_view_add_bytes_here (view, "data", contents->data);
  ea_decode_add_secured_data (view, contents->data, options);
}

static void
show_ciphered (EaView *view, const Opening *opening)
{
  ea_view_add_string (view, "integrity", ea_scp80_get_integrity_name (opening->security.integrity));
  ea_view_cite (view, "TS 102 225 §5.1.2");
  ea_view_add_bytes_here (view, "ciphered_data", opening->packet.body);
}

/* Deciphered with a wrong key, a packet is noise: it is shown only where a check or the padding says otherwise. */
static gboolean
is_readable (const Opening *opening)
{
  if (!opening->is_open || !opening->security.is_ciphered || opening->is_verified)
    return opening->is_open;
  return opening->security.integrity == EA_SCP80_INTEGRITY_NONE && opening->contents.is_padded;
}

static const char *
get_match_name (Match match)
{
  switch (match)
    {
    case MATCH_VERSION_AND_TARGET:
      return "version and target";
    case MATCH_VERSION:
      return "version, for another target";
    case MATCH_ANY:
    case N_MATCHES:
      break;
    }
  return "the only key set there is";
}

static void
show_key_set (EaView *view, const Opening *opening)
{
  g_autofree char *name = g_strdup_printf ("scp80:%02X", opening->set->version);

  ea_view_add_string (view, "key_set", name);
  if (opening->packet.header.kind == EA_SCP80_COMMAND)
    ea_view_add_string (view, "key_match", get_match_name (opening->match));
  if (opening->set->eid != NULL)
    ea_view_add_string (view, "key_eid", opening->set->eid);
  if (opening->is_algorithm_of_packet)
    ea_view_add_boolean (view, "key_has_other_algorithm", TRUE);
}

/* Which key was used, or would be needed, and whether the check passed. Without a key only a redundancy check
 * can be verified. */
static void
show_verdict (EaView *view, const Opening *opening)
{
  const EaScp80Security *security = &opening->security;
  gboolean needs_key = security->is_ciphered || security->integrity == EA_SCP80_INTEGRITY_CC;
  gboolean was_checked = security->integrity == EA_SCP80_INTEGRITY_CC
                             ? opening->n_tried > 0
                             : security->integrity == EA_SCP80_INTEGRITY_RC && opening->is_open;

  if (opening->set != NULL && is_readable (opening))
    show_key_set (view, opening);
  if (was_checked)
    ea_view_add_boolean (view, "verified", opening->is_verified);
  if (opening->keys != NULL && needs_key && opening->n_tried == 0)
    {
      g_autofree char *name
          = g_strdup_printf ("scp80:%02X:%06X", get_version (opening), opening->packet.header.tar);

      ea_view_add_string (view, "missing_key", name);
    }
}

/* The family of algorithms that KIc or KID names goes before that of the file, if the key suits it. */
static EaScp80Algorithm
choose_algorithm (guint8 octet, EaScp80Algorithm of_file, EaSpan key)
{
  EaScp80Algorithm named = of_file;

  switch (octet & EA_SCP80_ALGORITHM_MASK)
    {
    case EA_SCP80_DES_CBC:
    case EA_SCP80_DES_ECB:
      named = EA_SCP80_ALGORITHM_DES;
      break;
    case EA_SCP80_3DES_2_KEYS:
    case EA_SCP80_3DES_3_KEYS:
      named = EA_SCP80_ALGORITHM_3DES;
      break;
    case EA_SCP80_AES:
      named = EA_SCP80_ALGORITHM_AES;
      break;
    default:
      break;
    }
  return ea_scp80_suits_algorithm (named, key.size) ? named : of_file;
}

/* Opens and verifies with @set (nullable), replacing what was opened before. Returns: TRUE when verified */
static gboolean
try_set (Opening *opening, const EaScp80Security *security, const EaKeysScp80 *set)
{
  EaScp80Keys keys = set != NULL ? set->keys : (EaScp80Keys){ 0 };
  EaScp80Contents contents;

  if (set != NULL)
    {
      opening->n_tried++;
      keys.algorithm = choose_algorithm (security->kic, set->keys.algorithm, keys.kic);
    }
  if (!ea_scp80_open (&opening->packet, security, set != NULL ? &keys : NULL, &contents, NULL))
    return FALSE;

  ea_scp80_contents_clear (&opening->contents);
  opening->contents = contents;
  opening->security = *security;
  opening->is_open = TRUE;
  opening->set = security->is_ciphered || security->integrity == EA_SCP80_INTEGRITY_CC ? set : NULL;
  opening->is_algorithm_of_packet = set != NULL && keys.algorithm != set->keys.algorithm;
  if (set != NULL)
    keys.algorithm = choose_algorithm (security->kid, set->keys.algorithm, keys.kid);
  opening->is_verified = security->integrity != EA_SCP80_INTEGRITY_NONE
                         && ea_scp80_verify (&opening->packet, security, set != NULL ? &keys : NULL,
                                             &contents, NULL);
  return opening->is_verified;
}

static Match
get_match (const EaKeysScp80 *set, guint8 version, guint32 tar)
{
  if (set->version != version)
    return MATCH_ANY;
  for (gsize i = 0; i < set->n_tars; i++)
    if (set->tars[i] == tar)
      return MATCH_VERSION_AND_TARGET;
  return MATCH_VERSION;
}

/* All sets of the best match, for there may be one for each eUICC; of those that only are there, one alone. */
static void
open_command (Opening *opening)
{
  const EaScp80Header *header = &opening->packet.header;
  EaScp80Security security = ea_scp80_get_security (header);
  gsize n_sets = opening->keys != NULL ? ea_keys_get_n_scp80 (opening->keys) : 0;
  guint8 version;

  opening->security = security;
  version = get_version (opening);
  if (try_set (opening, &security, NULL))
    return;
  for (Match match = MATCH_VERSION_AND_TARGET; match < N_MATCHES; match++)
    for (gsize i = 0; i < n_sets; i++)
      {
        const EaKeysScp80 *set = ea_keys_get_scp80 (opening->keys, i);

        if (get_match (set, version, header->tar) != match || (match == MATCH_ANY && n_sets > 1))
          continue;
        opening->match = match;
        if (try_set (opening, &security, set))
          return;
      }
}

gboolean
ea_decode_command_packet (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  g_auto (Opening) opening = { .keys = options->keys };

  if (!parse_packet (&opening.packet, item, EA_SCP80_COMMAND, options->form, error))
    return FALSE;

  open_command (&opening);
  show_lengths (view, &opening.packet);
  show_fields (view, &opening.packet);
  show_verdict (view, &opening);
  if (is_readable (&opening))
    show_contents (view, &opening, options);
  else
    show_ciphered (view, &opening);
  return TRUE;
}

/* What RC/CC/DS of a response packet is, by its size. */
static EaScp80Integrity
guess_integrity (gsize size)
{
  switch (size)
    {
    case 0:
      return EA_SCP80_INTEGRITY_NONE;
    case EA_SCP80_RC_16_SIZE:
    case EA_SCP80_RC_32_SIZE:
      return EA_SCP80_INTEGRITY_RC;
    case EA_SCP80_CC_SIZE:
      return EA_SCP80_INTEGRITY_CC;
    default:
      return EA_SCP80_INTEGRITY_DS;
    }
}

/* As @set would have made it: not ciphered or ciphered, with a redundancy check or with four octets of CC. */
static gboolean
try_response_set (Opening *opening, const EaKeysScp80 *set, gboolean is_ciphered)
{
  gsize size = opening->packet.integrity_size;
  EaScp80Security security = { .integrity = guess_integrity (size), .is_ciphered = is_ciphered };

  if (try_set (opening, &security, set))
    return TRUE;
  if (size != EA_SCP80_CC_SHORT_SIZE)
    return FALSE;
  security.integrity = EA_SCP80_INTEGRITY_CC;
  return try_set (opening, &security, set);
}

/* Whether @contents make sense as they stand. */
static gboolean
is_plausible (const EaScp80Contents *contents)
{
  return contents->is_padded && ea_scp80_get_status_name (contents->status) != NULL;
}

/* Ciphered without any check: whether one of the key sets makes sense of it. */
static gboolean
try_deciphering (Opening *opening)
{
  static const EaScp80Security ciphered = { .is_ciphered = TRUE };
  gsize n_sets = opening->keys != NULL ? ea_keys_get_n_scp80 (opening->keys) : 0;

  for (gsize i = 0; i < n_sets; i++)
    {
      (void) try_set (opening, &ciphered, ea_keys_get_scp80 (opening->keys, i));
      if (opening->security.is_ciphered && is_plausible (&opening->contents))
        return TRUE;
    }
  return FALSE;
}

/* A response packet does not say how it is protected: the key set whose check passes tells. Without one it is
 * read as it stands. Returns: TRUE when a check passed */
static gboolean
open_response (Opening *opening)
{
  EaScp80Security plain = { .integrity = guess_integrity (opening->packet.integrity_size) };
  gsize n_sets = opening->keys != NULL && plain.integrity != EA_SCP80_INTEGRITY_NONE
                     ? ea_keys_get_n_scp80 (opening->keys)
                     : 0;

  if (try_set (opening, &plain, NULL))
    return TRUE;
  for (gsize i = 0; i < 2 * n_sets; i++)
    if (try_response_set (opening, ea_keys_get_scp80 (opening->keys, i % n_sets), i >= n_sets))
      return TRUE;
  (void) try_set (opening, &plain, NULL); /* known not to be verified: to be read once more */
  if (plain.integrity == EA_SCP80_INTEGRITY_NONE && !is_plausible (&opening->contents)
      && !try_deciphering (opening))
    (void) try_set (opening, &plain, NULL);
  return FALSE;
}

gboolean
ea_decode_response_packet (EaView *view, EaSpan item, const EaDecodeOptions *options,
                           GError **error)
{
  g_auto (Opening) opening = { .keys = options->keys };
  gboolean is_known;
  gboolean is_shown;

  if (!parse_packet (&opening.packet, item, EA_SCP80_RESPONSE, options->form, error))
    return FALSE;

  is_known = open_response (&opening);
  is_shown = is_known || is_plausible (&opening.contents);
  show_lengths (view, &opening.packet);
  show_fields (view, &opening.packet);
  if (is_known)
    ea_view_add_boolean (view, "ciphered", opening.security.is_ciphered);
  else
    ea_view_add_string (view, "assumed",
                        is_shown && !opening.security.is_ciphered ? "not-ciphered" : "ciphered");
  show_verdict (view, &opening);
  if (is_shown)
    show_contents (view, &opening, options);
  else
    show_ciphered (view, &opening);
  return TRUE;
}
