/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "Did you mean": the distance of Damerau and Levenshtein, in its restricted form. */

#include "ctl/near.h"

#include <string.h>

/* Longer ones are no commands. */
#define LENGTH_MAX 31

/* For each so many letters of the word that is meant there may be one mistake, and there may be one in any. */
#define LETTERS_PER_MISTAKE 3

typedef struct
{
  const char *typed;
  const char *meant;
  guint mistakes[LENGTH_MAX + 1][LENGTH_MAX + 1]; /* of the beginnings of both */
} Comparison;

static guint
count_at (const Comparison *comparison, gsize i, gsize j)
{
  const char *typed = comparison->typed;
  const char *meant = comparison->meant;
  guint is_wrong = typed[i - 1] != meant[j - 1] ? 1 : 0;
  guint fewest = MIN (comparison->mistakes[i - 1][j] + 1, comparison->mistakes[i][j - 1] + 1);

  fewest = MIN (fewest, comparison->mistakes[i - 1][j - 1] + is_wrong);
  if (i > 1 && j > 1 && typed[i - 1] == meant[j - 2] && typed[i - 2] == meant[j - 1])
    fewest = MIN (fewest, comparison->mistakes[i - 2][j - 2] + 1);
  return fewest;
}

guint
ea_near_count_mistakes (const char *typed, const char *meant)
{
  Comparison comparison = { .typed = typed, .meant = meant };
  gsize n_typed = strlen (typed);
  gsize n_meant = strlen (meant);

  if (n_typed > LENGTH_MAX || n_meant > LENGTH_MAX)
    return LENGTH_MAX;
  for (gsize i = 0; i <= n_typed; i++)
    for (gsize j = 0; j <= n_meant; j++)
      comparison.mistakes[i][j] = i == 0 || j == 0 ? (guint) (i + j) : count_at (&comparison, i, j);
  return comparison.mistakes[n_typed][n_meant];
}

/* The only one that begins like this: the rest was forgotten. */
static const char *
find_beginning (const char *typed, const char *const *words)
{
  const char *found = NULL;

  for (gsize i = 0; words[i] != NULL; i++)
    {
      if (typed[0] == '\0' || !g_str_has_prefix (words[i], typed))
        continue;
      if (found != NULL)
        return NULL;
      found = words[i];
    }
  return found;
}

const char *
ea_near_find (const char *typed, const char *const *words)
{
  const char *nearest = find_beginning (typed, words);
  guint fewest = G_MAXUINT;

  if (nearest != NULL)
    return nearest;
  for (gsize i = 0; words[i] != NULL; i++)
    {
      guint n_mistakes = ea_near_count_mistakes (typed, words[i]);

      if (n_mistakes < fewest && n_mistakes <= MAX (strlen (words[i]) / LETTERS_PER_MISTAKE, 1))
        {
          nearest = words[i];
          fewest = n_mistakes;
        }
    }
  return nearest;
}
