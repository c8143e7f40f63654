/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The key file. It is read here rather than by GKeyFile, which keeps and frees copies of every line without
 * overwriting them: here a key never leaves the caller's text. The reader goes through it once, keeps what EaKeys
 * borrows and overwrites everything that lies behind it.
 * Left out of GKeyFile's form: escapes with a backslash and keys for languages.
 */

#include "core/keys.h"

#include <string.h>

#include "core/error.h"
#include "core/scp80-crypto.h"

#define EID_DIGITS 32
#define TAR_DIGITS 6
#define VERSION_DIGITS_MAX 2

/* SGP.02 §2.2.3: the ISD-R, and the usual identifier of an SCP81 key */
#define TAR_ISD_R 0x000001
#define KEY_IDENTIFIER_DEFAULT 0x01

/* ISO/IEC 7816-4 §8.2.1.2 */
#define AID_MIN 5
#define AID_MAX 16

#define LIST_SEPARATOR ';'
#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"
#define BLANKS " \t\r"

typedef struct
{
  char *name;
  gboolean is_scp81;
  char *eid;
  guint8 version;
  guint seen;
  EaScp80Algorithm algorithm;
  EaSpan kic;
  EaSpan kid;
  GArray *tars;
  GArray *applications;
  guint8 key_identifier;
  EaSpan psk;
  EaSpan identity;
  EaKeysScp80 scp80;
  EaKeysScp81 scp81;
} Section;

struct _EaKeys
{
  GPtrArray *scp80;
  GPtrArray *scp81;
};

/**
 * Reading:
 * @done: everything before this in @text is kept or overwritten
 *
 * Where the reader is.
 */
typedef struct
{
  EaKeys *keys;
  Section *section;
  guint line;
  const char *key;
  guint8 *text;
  gsize size;
  gsize done;
} Reading;

static void
section_free (gpointer data)
{
  Section *section = data;

  g_clear_pointer (&section->tars, g_array_unref);
  g_clear_pointer (&section->applications, g_array_unref);
  g_free (section->eid);
  g_free (section->name);
  g_free (section);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Section, section_free)

void
ea_keys_free (EaKeys *keys)
{
  if (keys == NULL)
    return;
  g_ptr_array_unref (keys->scp80);
  g_ptr_array_unref (keys->scp81);
  g_free (keys);
}

static gboolean fail (const Reading *reading, EaCoreError code, EaSpan place, GError **error,
                      const char *format, ...) G_GNUC_PRINTF (5, 6);

/* Line, section and key in front of what is wrong. Returns FALSE. */
static gboolean
fail (const Reading *reading, EaCoreError code, EaSpan place, GError **error, const char *format,
      ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return ea_core_error_set (
      error, code, place.data, "Line %u%s%s%s%s%s: %s", reading->line,
      reading->section != NULL ? ", section [" : "",
      reading->section != NULL ? reading->section->name : "", reading->section != NULL ? "]" : "",
      reading->key != NULL ? ", key " : "", reading->key != NULL ? reading->key : "", what);
}

/* The bytes of @span before @byte, and in @rest (nullable) those after it; all and none where it is not. */
static EaSpan
split_at (EaSpan span, char byte, EaSpan *rest)
{
  const guint8 *found = span.size > 0 ? memchr (span.data, byte, span.size) : NULL;
  gsize before = found != NULL ? (gsize) (found - span.data) : span.size;

  *rest = ea_span_tail (span, before + 1);
  return ea_span_head (span, before);
}

static gboolean
begins_with_any (EaSpan span, const char *characters)
{
  EaReader reader;

  ea_reader_init (&reader, span);
  return span.size > 0
         && memchr (characters, ea_reader_peek_u8 (&reader), strlen (characters)) != NULL;
}

static EaSpan
strip (EaSpan span)
{
  while (begins_with_any (span, BLANKS))
    span = ea_span_tail (span, 1);
  while (begins_with_any (ea_span_tail (span, span.size - MIN (span.size, 1)), BLANKS))
    span = ea_span_head (span, span.size - 1);
  return span;
}

static gboolean
consists_of (EaSpan span, const char *characters)
{
  EaReader reader;

  ea_reader_init (&reader, span);
  while (ea_reader_remaining (&reader) > 0)
    if (memchr (characters, ea_reader_u8 (&reader), strlen (characters)) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_word (EaSpan span, const char *word)
{
  return ea_span_equal (span, ea_span_init (word, strlen (word)));
}

/* A number of @span, which has nothing but up to eight hexadecimal digits. */
static guint32
read_hex_number (EaSpan span)
{
  EaReader reader;
  guint32 number = 0;

  ea_reader_init (&reader, span);
  while (ea_reader_remaining (&reader) > 0)
    number = number << 4 | (guint32) g_ascii_xdigit_value ((char) ea_reader_u8 (&reader));
  return number;
}

/* Overwrites what is not done before @end. */
static void
wipe_until (Reading *reading, gsize end)
{
  ea_scp80_wipe (reading->text + reading->done, end - reading->done);
  reading->done = end;
}

/* Keeps @span, which lies in the text, and nothing of what is before it. Returns: its place */
static guint8 *
keep (Reading *reading, EaSpan span)
{
  gsize offset = reading->done;

  (void) ea_span_find_offset (ea_span_init (reading->text, reading->size), span,
                              &offset); /* it does */
  wipe_until (reading, offset);
  reading->done += span.size;
  return reading->text + offset;
}

static gboolean
take_hex (Reading *reading, EaSpan value, gsize least, gsize most, EaSpan *out, GError **error)
{
  if (!consists_of (value, HEX_DIGITS) || value.size % 2 != 0)
    return fail (reading, EA_CORE_ERROR_MALFORMED, value, error,
                 "Value is not a whole number of hexadecimal bytes");
  if (value.size / 2 < least || value.size / 2 > most)
    return fail (reading, EA_CORE_ERROR_MALFORMED, value, error,
                 "Value has %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT,
                 value.size / 2, least, most);
  *out = ea_bytes_decode_hex_in_place (keep (reading, value), value.size);
  return TRUE;
}

static gboolean
take_kic (Reading *reading, EaSpan value, GError **error)
{
  return take_hex (reading, value, EA_SCP80_DES_KEY_SIZE, EA_SCP80_KEY_SIZE_MAX,
                   &reading->section->kic, error);
}

static gboolean
take_kid (Reading *reading, EaSpan value, GError **error)
{
  return take_hex (reading, value, EA_SCP80_DES_KEY_SIZE, EA_SCP80_KEY_SIZE_MAX,
                   &reading->section->kid, error);
}

static const char *const algorithm_names[] = {
  [EA_SCP80_ALGORITHM_AES] = "aes",
  [EA_SCP80_ALGORITHM_3DES] = "3des",
  [EA_SCP80_ALGORITHM_DES] = "des",
};

static gboolean
take_algorithm (Reading *reading, EaSpan value, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (algorithm_names); i++)
    if (is_word (value, algorithm_names[i]))
      {
        reading->section->algorithm = (EaScp80Algorithm) i;
        return TRUE;
      }
  return fail (reading, EA_CORE_ERROR_MALFORMED, value, error, "Value is not aes, 3des or des");
}

static gboolean
take_tar (const Reading *reading, EaSpan value, guint32 *out, GError **error)
{
  if (value.size != TAR_DIGITS || !consists_of (value, HEX_DIGITS))
    return fail (reading, EA_CORE_ERROR_MALFORMED, value, error,
                 "Target is not six hexadecimal digits");
  *out = read_hex_number (value);
  return TRUE;
}

static gboolean
take_tars (Reading *reading, EaSpan value, GError **error)
{
  GArray *tars = reading->section->tars;
  EaSpan rest = value;
  guint32 tar;

  g_array_set_size (tars, 0);
  while (rest.size > 0 || tars->len == 0)
    {
      if (tars->len == EA_KEYS_TARS_MAX)
        return fail (reading, EA_CORE_ERROR_LIMIT, value, error, "More than %d targets",
                     EA_KEYS_TARS_MAX);
      if (!take_tar (reading, strip (split_at (rest, LIST_SEPARATOR, &rest)), &tar, error))
        return FALSE;
      g_array_append_val (tars, tar);
    }
  return TRUE;
}

static gboolean
take_application (Reading *reading, EaSpan pair, GError **error)
{
  Section *section = reading->section;
  EaKeysApplication application;
  EaSpan value;
  EaSpan tar = strip (split_at (pair, '=', &value));

  if (!take_tar (reading, tar, &application.tar, error)
      || !take_hex (reading, strip (value), AID_MIN, AID_MAX, &application.aid, error))
    return FALSE;
  if (ea_keys_find_application (
          &(EaKeysScp80){ .applications = (void *) section->applications->data,
                          .n_applications = section->applications->len },
          application.tar)
      != NULL)
    return fail (reading, EA_CORE_ERROR_MALFORMED, pair, error, "Target %06X comes twice",
                 application.tar);
  g_array_append_val (section->applications, application);
  return TRUE;
}

static gboolean
take_applications (Reading *reading, EaSpan value, GError **error)
{
  EaSpan rest = value;

  while (rest.size > 0)
    {
      if (reading->section->applications->len == EA_KEYS_TARS_MAX)
        return fail (reading, EA_CORE_ERROR_LIMIT, value, error, "More than %d applications",
                     EA_KEYS_TARS_MAX);
      if (!take_application (reading, strip (split_at (rest, LIST_SEPARATOR, &rest)), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
take_key_identifier (Reading *reading, EaSpan value, GError **error)
{
  if (value.size == 0 || value.size > VERSION_DIGITS_MAX || !consists_of (value, HEX_DIGITS))
    return fail (reading, EA_CORE_ERROR_MALFORMED, value, error,
                 "Value is not one or two hexadecimal digits");
  reading->section->key_identifier = (guint8) read_hex_number (value);
  return TRUE;
}

static gboolean
take_psk (Reading *reading, EaSpan value, GError **error)
{
  return take_hex (reading, value, EA_KEYS_PSK_MIN, EA_KEYS_PSK_MAX, &reading->section->psk, error);
}

/* Hexadecimal if it can be that, otherwise text. */
static gboolean
take_identity (Reading *reading, EaSpan value, GError **error)
{
  Section *section = reading->section;
  EaSpan rest;

  if (value.size % 2 == 0 && consists_of (value, HEX_DIGITS))
    return take_hex (reading, value, 1, EA_KEYS_IDENTITY_MAX, &section->identity, error);
  if (value.size > EA_KEYS_IDENTITY_MAX)
    return fail (reading, EA_CORE_ERROR_MALFORMED, value, error,
                 "Value has %" G_GSIZE_FORMAT " bytes, not 1 to %d", value.size,
                 EA_KEYS_IDENTITY_MAX);
  if (split_at (value, '\\', &rest).size < value.size)
    return fail (reading, EA_CORE_ERROR_MALFORMED, value, error,
                 "Value has a backslash: write it in hexadecimal");
  section->identity = ea_span_init (keep (reading, value), value.size);
  return TRUE;
}

/* What may stand in a section; those that must come first of each kind. */
typedef struct
{
  const char *name;
  gboolean is_scp81;
  gboolean is_needed;
  gboolean (*take) (Reading *reading, EaSpan value, GError **error);
} Key;

static const Key known_keys[] = {
  { "Kic", FALSE, TRUE, take_kic },
  { "Kid", FALSE, TRUE, take_kid },
  { "Algorithm", FALSE, FALSE, take_algorithm },
  { "Tars", FALSE, FALSE, take_tars },
  { "Applications", FALSE, FALSE, take_applications },
  { "KeyIdentifier", TRUE, FALSE, take_key_identifier },
  { "Psk", TRUE, TRUE, take_psk },
  { "Identity", TRUE, FALSE, take_identity },
};

static gboolean
check_key_size (Reading *reading, const char *key, EaSpan secret, GError **error)
{
  reading->key = key;
  if (!ea_scp80_suits_algorithm (reading->section->algorithm, secret.size))
    return fail (reading, EA_CORE_ERROR_MALFORMED, EA_SPAN_EMPTY, error,
                 "%" G_GSIZE_FORMAT " bytes do not suit %s", secret.size,
                 algorithm_names[reading->section->algorithm]);
  return TRUE;
}

/* Gives a section without faults the form that callers see. */
static void
publish (EaKeys *keys, Section *section)
{
  if (section->is_scp81)
    {
      section->scp81 = (EaKeysScp81){
        .eid = section->eid,
        .version = section->version,
        .key_identifier = section->key_identifier,
        .psk = section->psk,
        .identity = section->identity,
      };
      g_ptr_array_add (keys->scp81, section);
      return;
    }
  section->scp80 = (EaKeysScp80){
    .eid = section->eid,
    .version = section->version,
    .keys = { section->algorithm, section->kic, section->kid },
    .tars = (const guint32 *) (void *) section->tars->data,
    .n_tars = section->tars->len,
    .applications = (const EaKeysApplication *) (void *) section->applications->data,
    .n_applications = section->applications->len,
  };
  g_ptr_array_add (keys->scp80, section);
}

/* Checks the section that is open, if any, when the next one or the end comes. */
static gboolean
end_section (Reading *reading, GError **error)
{
  Section *section = reading->section;

  if (section == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (known_keys); i++)
    if (known_keys[i].is_needed && known_keys[i].is_scp81 == section->is_scp81
        && (section->seen & 1u << i) == 0)
      return fail (reading, EA_CORE_ERROR_MISSING, EA_SPAN_EMPTY, error, "%s is missing above",
                   known_keys[i].name);
  if (!section->is_scp81
      && (!check_key_size (reading, "Kic", section->kic, error)
          || !check_key_size (reading, "Kid", section->kid, error)))
    return FALSE;

  publish (reading->keys, g_steal_pointer (&reading->section));
  reading->key = NULL;
  return TRUE;
}

static gboolean
has_section (const GPtrArray *sections, const Section *other)
{
  for (guint i = 0; i < sections->len; i++)
    {
      const Section *section = g_ptr_array_index (sections, i);

      if (section->version == other->version && g_strcmp0 (section->eid, other->eid) == 0)
        return TRUE;
    }
  return FALSE;
}

/* The third word: one or two hexadecimal digits within what its kind may have */
static gboolean
read_version (Section *section, EaSpan word)
{
  guint32 version;

  if (word.size == 0 || word.size > VERSION_DIGITS_MAX || !consists_of (word, HEX_DIGITS))
    return FALSE;
  version = read_hex_number (word);
  section->version = (guint8) version;
  if (section->is_scp81)
    return version >= EA_KEYS_SCP81_VERSION_MIN && version <= EA_KEYS_SCP81_VERSION_MAX;
  return version <= EA_KEYS_SCP80_VERSION_MAX;
}

static EaSpan
take_word (EaSpan *rest)
{
  return split_at (*rest, ' ', rest);
}

/* "EID-or-* scp80 KVN"; FALSE when it is not that: then nothing is copied, as it may be anything. */
static gboolean
read_section_name (Section *section, EaSpan name)
{
  EaSpan rest = name;
  EaSpan eid = take_word (&rest);
  EaSpan kind = take_word (&rest);
  gboolean is_eid = eid.size == EID_DIGITS && consists_of (eid, DIGITS);

  section->is_scp81 = is_word (kind, "scp81");
  if (!(is_eid || is_word (eid, "*")) || !(section->is_scp81 || is_word (kind, "scp80"))
      || !read_version (section, rest))
    return FALSE;
  if (is_eid)
    section->eid = g_strndup ((const char *) eid.data, eid.size);
  section->name = g_strndup ((const char *) name.data, name.size);
  return TRUE;
}

static Section *
section_new (void)
{
  Section *section = g_new0 (Section, 1);
  guint32 tar = TAR_ISD_R;

  section->key_identifier = KEY_IDENTIFIER_DEFAULT;
  section->tars = g_array_append_val (g_array_new (FALSE, FALSE, sizeof (guint32)), tar);
  section->applications = g_array_new (FALSE, FALSE, sizeof (EaKeysApplication));
  return section;
}

/* @line is "[NAME]" */
static gboolean
begin_section (Reading *reading, EaSpan line, GError **error)
{
  EaKeys *keys = reading->keys;
  EaSpan rest;
  EaSpan name = split_at (ea_span_tail (line, 1), ']', &rest);
  g_autoptr (Section) section = NULL;

  if (name.size + 2 != line.size)
    return fail (reading, EA_CORE_ERROR_MALFORMED, line, error, "Section does not end with ]");
  section = section_new ();
  if (!read_section_name (section, name))
    return fail (reading, EA_CORE_ERROR_MALFORMED, line, error,
                 "Section is not [EID-or-* scp80 KVN] with KVN 00 to %02X or [EID-or-* scp81 KVN] "
                 "with KVN %02X to %02X",
                 EA_KEYS_SCP80_VERSION_MAX, EA_KEYS_SCP81_VERSION_MIN, EA_KEYS_SCP81_VERSION_MAX);
  if (has_section (section->is_scp81 ? keys->scp81 : keys->scp80, section))
    return fail (reading, EA_CORE_ERROR_MALFORMED, line, error, "Section [%s] comes twice",
                 section->name);
  if (keys->scp80->len + keys->scp81->len == EA_KEYS_SECTIONS_MAX)
    return fail (reading, EA_CORE_ERROR_LIMIT, line, error, "More than %d sections",
                 EA_KEYS_SECTIONS_MAX);

  reading->section = g_steal_pointer (&section);
  return TRUE;
}

/* A name is only repeated if it is that of a key elsewhere or in another case: it may as well be a secret. */
static gboolean
fail_unknown_key (const Reading *reading, EaSpan name, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_keys); i++)
    if (name.size == strlen (known_keys[i].name)
        && g_ascii_strncasecmp ((const char *) name.data, known_keys[i].name, name.size) == 0)
      return fail (reading, EA_CORE_ERROR_MALFORMED, name, error, "Key '%.*s' is not known",
                   (int) name.size, (const char *) name.data);
  return fail (reading, EA_CORE_ERROR_MALFORMED, name, error, "Unknown key");
}

static gboolean
take_key (Reading *reading, EaSpan name, EaSpan value, GError **error)
{
  Section *section = reading->section;

  for (guint i = 0; i < G_N_ELEMENTS (known_keys); i++)
    {
      if (known_keys[i].is_scp81 != section->is_scp81 || !is_word (name, known_keys[i].name))
        continue;
      reading->key = known_keys[i].name;
      if ((section->seen & 1u << i) != 0)
        return fail (reading, EA_CORE_ERROR_MALFORMED, name, error, "Key comes twice");
      section->seen |= 1u << i;
      if (!known_keys[i].take (reading, value, error))
        return FALSE;
      reading->key = NULL;
      return TRUE;
    }
  return fail_unknown_key (reading, name, error);
}

static gboolean
take_line (Reading *reading, EaSpan line, GError **error)
{
  EaSpan value;
  EaSpan name;

  if (line.size == 0 || begins_with_any (line, "#"))
    return TRUE;
  if (begins_with_any (line, "["))
    return end_section (reading, error) && begin_section (reading, line, error);

  name = split_at (line, '=', &value);
  if (name.size == line.size)
    return fail (reading, EA_CORE_ERROR_MALFORMED, line, error,
                 "Neither a section, a key with = nor a comment");
  if (reading->section == NULL)
    return fail (reading, EA_CORE_ERROR_MALFORMED, line, error, "Key before the first section");
  return take_key (reading, strip (name), strip (value), error);
}

static gboolean
take_text (Reading *reading, GError **error)
{
  EaSpan rest = ea_span_init (reading->text, reading->size);

  if (rest.size > 0 && !g_utf8_validate_len ((const char *) rest.data, rest.size, NULL))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, rest.data,
                              "Key file is not UTF-8 text");
  while (rest.size > 0)
    {
      EaSpan line = split_at (rest, '\n', &rest);

      reading->line++;
      if (!take_line (reading, strip (line), error))
        return FALSE;
      wipe_until (reading, reading->size - rest.size);
    }
  return end_section (reading, error);
}

EaKeys *
ea_keys_parse (guint8 *text, gsize size, GError **error)
{
  g_autoptr (EaKeys) keys = g_new0 (EaKeys, 1);
  Reading reading = { .keys = keys, .text = text, .size = size };
  gboolean is_ok;

  keys->scp80 = g_ptr_array_new_with_free_func (section_free);
  keys->scp81 = g_ptr_array_new_with_free_func (section_free);
  is_ok = take_text (&reading, error);
  g_clear_pointer (&reading.section, section_free);
  ea_scp80_wipe_traces ();
  if (is_ok)
    return g_steal_pointer (&keys);
  ea_scp80_wipe (text, size);
  return NULL;
}

gsize
ea_keys_get_n_scp80 (const EaKeys *keys)
{
  return keys != NULL ? keys->scp80->len : 0;
}

const EaKeysScp80 *
ea_keys_get_scp80 (const EaKeys *keys, gsize index)
{
  const Section *section = g_ptr_array_index (keys->scp80, index);

  return &section->scp80;
}

gsize
ea_keys_get_n_scp81 (const EaKeys *keys)
{
  return keys != NULL ? keys->scp81->len : 0;
}

const EaKeysScp81 *
ea_keys_get_scp81 (const EaKeys *keys, gsize index)
{
  const Section *section = g_ptr_array_index (keys->scp81, index);

  return &section->scp81;
}
