/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "link-options.h"

#include <string.h>

#define MTU 1500
#define TIME_MAX_US (60 * (guint64) G_USEC_PER_SEC)

typedef enum
{
  RATE,
  RTT,
  JITTER,
  LOSS,
  REORDER,
  DUPLICATE,
  QUEUE,
  SEED,
  N_FIELDS,
} Field;

typedef struct
{
  const char *name;
  guint64 factor;
} Unit;

static const Unit rates[] = { { "bit", 1 }, { "kbit", 1000 }, { "Mbit", 1000000 }, { NULL, 0 } };
static const Unit times[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { NULL, 0 } };
static const Unit shares[] = { { "%", 10000 }, { NULL, 0 } };
static const Unit numbers[] = { { "", 1 }, { NULL, 0 } };

static const struct
{
  const char *name;
  const Unit *units;
  guint64 minimum;
  guint64 maximum;
  guint64 value; /* when nothing is said */
  const char *wanted;
} fields[N_FIELDS] = {
  [RATE] = { "rate", rates, 100, 1000000000, 0, "100bit to 1000Mbit, such as 40kbit" },
  [RTT] = { "rtt", times, 0, TIME_MAX_US, 0, "0s to 60s, such as 600ms" },
  [JITTER] = { "jitter", times, 0, TIME_MAX_US, 0, "0s to 60s, such as 50ms" },
  [LOSS] = { "loss", shares, 0, 1000000, 0, "0% to 100%, such as 5%" },
  [REORDER] = { "reorder", shares, 0, 1000000, 0, "0% to 100%, such as 1%" },
  [DUPLICATE] = { "duplicate", shares, 0, 1000000, 0, "0% to 100%, such as 1%" },
  [QUEUE]
  = { "queue", numbers, MTU, 1000000000, SIM_LINK_QUEUE_DEFAULT, "octets, 1500 to 1000000000" },
  [SEED] = { "seed", numbers, 0, G_MAXUINT32, 1, "a number, 0 to 4294967295" },
};

/* A decimal number, perhaps with a fraction, and one of the units. */
static gboolean
parse_quantity (const char *text, const Unit *units, guint64 *out)
{
  gsize n_digits = strspn (text, "0123456789");
  gsize n_fraction = text[n_digits] == '.' ? strspn (text + n_digits + 1, "0123456789") : 0;
  gsize size = n_fraction == 0 ? n_digits : n_digits + 1 + n_fraction;
  g_autofree char *number = g_strndup (text, size);
  double value = g_ascii_strtod (number, NULL);

  if (n_digits == 0)
    return FALSE;
  for (; units->name != NULL; units++)
    {
      if (strcmp (text + size, units->name) != 0)
        continue;
      *out = (guint64) MIN (value * (double) units->factor + 0.5, 1e18);
      return n_fraction == 0 || units->factor > 1;
    }
  return FALSE;
}

static gboolean
find_field (const char *name, Field *field, GError **error)
{
  for (gsize i = 0; i < N_FIELDS; i++)
    {
      *field = (Field) i;
      if (strcmp (name, fields[i].name) == 0)
        return TRUE;
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--link knows no '%s', only rate, rtt, jitter, loss, reorder, duplicate, queue and "
               "seed",
               name);
  return FALSE;
}

static gboolean
parse_field (const char *text, guint64 *values, gboolean *is_given, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, "=", 2);
  guint64 value;
  Field field;

  if (!find_field (parts[0] == NULL ? "" : parts[0], &field, error))
    return FALSE;
  if (is_given[field])
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--link has '%s' twice",
                   parts[0]);
      return FALSE;
    }
  if (parts[1] == NULL || !parse_quantity (parts[1], fields[field].units, &value)
      || value < fields[field].minimum || value > fields[field].maximum)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--link: %s wants %s, not '%s'",
                   parts[0], fields[field].wanted, parts[1] == NULL ? "" : parts[1]);
      return FALSE;
    }
  is_given[field] = TRUE;
  values[field] = value;
  return TRUE;
}

gboolean
sim_link_options_parse (SimLinkOptions *out, const char *text, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  gboolean is_given[N_FIELDS] = { FALSE };
  guint64 values[N_FIELDS];

  for (gsize i = 0; i < N_FIELDS; i++)
    values[i] = fields[i].value;
  for (guint i = 0; words[i] != NULL; i++)
    if (!parse_field (words[i], values, is_given, error))
      return FALSE;
  if (values[REORDER] > 0 && values[RTT] == 0 && values[JITTER] == 0)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "--link: reorder wants an rtt or a jitter beside it");
      return FALSE;
    }
  *out = (SimLinkOptions){ .rate_bits_s = values[RATE],
                           .rtt_us = (gint64) values[RTT],
                           .jitter_us = (gint64) values[JITTER],
                           .loss_ppm = (guint32) values[LOSS],
                           .reorder_ppm = (guint32) values[REORDER],
                           .duplicate_ppm = (guint32) values[DUPLICATE],
                           .queue = (guint32) values[QUEUE],
                           .seed = (guint32) values[SEED] };
  return TRUE;
}
