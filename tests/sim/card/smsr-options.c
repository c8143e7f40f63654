/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "--name value" or "--name=value". A value is checked where it is read; what goes together is not. */

#include "smsr-options.h"

#include <string.h>

#include "core/bytes.h"
#include "core/error.h"
#include "sim-scp80.h"
#include "smsr-script.h"

#define KEY_SET_MAX 15
#define TAR_DIGITS 6
#define SPI_DIGITS 4
#define SPI1_RESERVED 0xE0
#define SPI2_RESERVED 0xC0
#define WAIT_MAX_S 3600
#define GENERATED_MAX 255
#define NAME_MAX_OCTETS 255
#define PAUSES_MAX 1000
#define RETRIES_MAX 1000
#define SEGMENTS_MAX 20000
#define IDENTIFICATION_MAX 64

typedef gboolean (*ReadFunc) (SimSmsrOptions *options, const char *value);

typedef struct
{
  const char *name;
  const char *wants; /* NULL: it has no value */
  ReadFunc read;
} Option;

static gboolean
read_via (SimSmsrOptions *options, const char *value)
{
  options->via = value;
  return TRUE;
}

static gboolean
read_hex (const char *value, gsize n_digits, guint64 *number)
{
  return strlen (value) == n_digits
         && g_ascii_string_to_unsigned (value, 16, 0, G_MAXUINT32, number, NULL);
}

static gboolean
read_spi (SimSmsrOptions *options, const char *value)
{
  guint64 spi;

  if (!read_hex (value, SPI_DIGITS, &spi))
    return FALSE;
  options->has_spi = TRUE;
  options->spi1 = (guint8) (spi >> 8);
  options->spi2 = (guint8) spi;
  return (options->spi1 & SPI1_RESERVED) == 0 && (options->spi2 & SPI2_RESERVED) == 0
         && sim_scp80_get_integrity (options->spi1) != SIM_SCP80_INTEGRITY_DS
         && sim_scp80_get_response_integrity (options->spi2) != SIM_SCP80_INTEGRITY_DS
         && (options->spi2 & SIM_SCP80_SPI2_POR_MASK) != SIM_SCP80_SPI2_POR_MASK;
}

static gboolean
read_key_set (SimSmsrOptions *options, const char *value)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (value, 10, 1, KEY_SET_MAX, &number, NULL))
    return FALSE;
  options->key_set = (guint8) number;
  return TRUE;
}

static gboolean
read_tar (SimSmsrOptions *options, const char *value)
{
  guint64 tar;

  options->has_tar = read_hex (value, TAR_DIGITS, &tar);
  if (options->has_tar)
    options->tar = (guint32) tar;
  return options->has_tar;
}

static gboolean
read_counter (SimSmsrOptions *options, const char *value)
{
  gboolean is_hex = g_ascii_strncasecmp (value, "0x", 2) == 0;

  options->has_counter = TRUE;
  return g_ascii_string_to_unsigned (is_hex ? value + 2 : value, is_hex ? 16 : 10, 0,
                                     SIM_SCP80_COUNTER_MAX, &options->counter, NULL);
}

static gboolean
read_corrupt (SimSmsrOptions *options, const char *value)
{
  options->is_corrupt = TRUE;
  return TRUE;
}

static gboolean
read_order (SimSmsrOptions *options, const char *value)
{
  guint64 seed;

  if (strcmp (value, "reverse") == 0)
    {
      options->order = SIM_SMSR_ORDER_REVERSED;
      return TRUE;
    }
  options->order = SIM_SMSR_ORDER_SHUFFLED;
  if (!g_str_has_prefix (value, "shuffle:")
      || !g_ascii_string_to_unsigned (strchr (value, ':') + 1, 10, 0, G_MAXUINT32, &seed, NULL))
    return FALSE;
  options->seed = (guint32) seed;
  return TRUE;
}

static gboolean
read_wait (SimSmsrOptions *options, const char *value)
{
  guint64 seconds;

  if (!g_ascii_string_to_unsigned (value, 10, 1, WAIT_MAX_S, &seconds, NULL))
    return FALSE;
  options->wait_s = (guint) seconds;
  return TRUE;
}

static gboolean
read_generate (SimSmsrOptions *options, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", 2);
  guint64 number;
  guint64 size = SIM_SMSR_GENERATED_SIZE_MIN;

  if (parts[0] == NULL
      || !g_ascii_string_to_unsigned (parts[0], 10, 1, GENERATED_MAX, &number, NULL)
      || (parts[1] != NULL
          && !g_ascii_string_to_unsigned (parts[1], 10, SIM_SMSR_GENERATED_SIZE_MIN,
                                          SIM_SMSR_GENERATED_SIZE_MAX, &size, NULL)))
    return FALSE;
  options->n_generated = (guint) number;
  options->generated_size = (gsize) size;
  return TRUE;
}

/* RFC 1035 §2.3.4 */
static gboolean
read_host (SimSmsrOptions *options, const char *value)
{
  options->host = value;
  return *value != '\0' && strlen (value) <= NAME_MAX_OCTETS;
}

static gboolean
read_no_trigger (SimSmsrOptions *options, const char *value)
{
  options->is_untriggered = TRUE;
  return TRUE;
}

static gboolean
read_await_notification (SimSmsrOptions *options, const char *value)
{
  options->awaits_notification = TRUE;
  return TRUE;
}

static gboolean
read_pauses (SimSmsrOptions *options, const char *value)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (value, 10, 1, PAUSES_MAX, &number, NULL))
    return FALSE;
  options->n_pauses = (guint) number;
  return TRUE;
}

static gboolean
read_retries (SimSmsrOptions *options, const char *value)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (value, 10, 1, RETRIES_MAX, &number, NULL))
    return FALSE;
  options->n_retries = (guint) number;
  return TRUE;
}

static gboolean
read_segments (SimSmsrOptions *options, const char *value)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (value, 10, 1, SEGMENTS_MAX, &number, NULL))
    return FALSE;
  options->n_segments = (guint) number;
  return TRUE;
}

static gboolean
read_sealed (SimSmsrOptions *options, const char *value)
{
  options->is_sealed = TRUE;
  return TRUE;
}

static gboolean
read_identification (SimSmsrOptions *options, const char *value)
{
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (value, NULL);
  gsize size = bytes == NULL ? 0 : g_bytes_get_size (bytes);

  options->identification = value;
  return size >= 1 && size <= IDENTIFICATION_MAX;
}

static gboolean
read_unanswered (SimSmsrOptions *options, const char *value)
{
  options->is_unanswered = TRUE;
  return TRUE;
}

static const Option known[] = {
  { "--via", "a bearer", read_via },
  { "--spi", "four hexadecimal digits that TS 102 225 knows, without digital signatures",
    read_spi },
  { "--key-set", "a number from 1 to 15", read_key_set },
  { "--tar", "six hexadecimal digits", read_tar },
  { "--counter", "a number of five octets", read_counter },
  { "--corrupt", NULL, read_corrupt },
  { "--order", "reverse or shuffle:SEED", read_order },
  { "--wait", "a number of seconds", read_wait },
  { "--host", "a name of at most 255 octets", read_host },
  { "--no-trigger", NULL, read_no_trigger },
  { "--await-notification", NULL, read_await_notification },
  { "--pauses", "a number from 1 to 1000", read_pauses },
  { "--retries", "a number from 1 to 1000", read_retries },
  { "--segments", "a number from 1 to 20000", read_segments },
  { "--unanswered", NULL, read_unanswered },
  { "--sealed", NULL, read_sealed },
  { "--identification", "1 to 64 octets in hexadecimal", read_identification },
  { "--generate", "1 to 255 commands, and 4 to 249 octets for each: N[,SIZE]", read_generate },
};

static const Option *
find (const char *word, gsize length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (strlen (known[i].name) == length && strncmp (known[i].name, word, length) == 0)
        return &known[i];
    }
  return NULL;
}

gboolean
sim_smsr_options_take (SimSmsrOptions *options, const char *const **words, GError **error)
{
  const char *word = **words;
  gsize length = strcspn (word, "=");
  const Option *option = find (word, length);
  const char *value = word[length] == '=' ? word + length + 1 : NULL;

  if (option == NULL || (option->wants == NULL && value != NULL))
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED, "'%s' is too much", word);
      return FALSE;
    }
  if (option->wants != NULL && value == NULL && (value = (*words)[1]) != NULL)
    (*words)++;
  if ((option->wants == NULL || value != NULL) && option->read (options, value))
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED, "%s needs %s", option->name,
               option->wants);
  return FALSE;
}

gboolean
sim_smsr_options_concern_sessions (const SimSmsrOptions *options)
{
  return options->host != NULL || options->n_pauses > 0 || options->n_retries > 0
         || options->is_unanswered;
}

gboolean
sim_smsr_options_change_form (const SimSmsrOptions *options)
{
  return options->has_spi || options->has_tar || options->has_counter || options->is_corrupt
         || options->order != SIM_SMSR_ORDER_KEPT;
}

gboolean
sim_smsr_options_change_packet (const SimSmsrOptions *options)
{
  return options->key_set != 0 || sim_smsr_options_change_form (options);
}
