/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a fuzz target without a fuzzer: on every item of the seed corpus, on every beginning of it, and
 * on it with each of its bytes changed. Pseudo-random, but the same in every run.
 *
 * Arguments: corpus files. A NAME.tsv has its items in the third column (tests/vectors), any other file
 * has one item a line; lines that begin with "#" are comments. Those of a NAME-found.txt are many, and are run as
 * they are and mutated only.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "fuzz.h"
#ifdef FUZZ_MUTATE
#include "mutate.h"
#include "stand-in.h"
#endif

#define N_RANDOM_CHANGES 4 /* per byte, beside the values in edge_values */
#define SEED 0x2A

#define N_MUTATIONS 64 /* of an item: each changes the one before, up to as many */
#define N_MUTATIONS_IN_A_ROW 8
#define MUTATED_SIZE_MAX 2048

#define FOUND_SUFFIX "-found.txt"
#define TSV_COLUMN_HEX 2
#define TSV_HEX_HEADING "hex"

/* Lengths and tags at the limits of the length forms. */
static const guint8 edge_values[] = { 0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0x83, 0x84, 0xFE, 0xFF };

/* The input in a heap buffer of its very size, so that a sanitizer sees one byte read too many. */
static void
run (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  (void) LLVMFuzzerTestOneInput (copy, size);
}

static guint
run_changes (EaSpan item, GRand *random)
{
  g_autofree guint8 *changed = g_memdup2 (item.data, item.size);
  guint n_runs = 0;

  for (gsize i = 0; i < item.size; i++)
    {
      guint8 original = changed[i];

      for (gsize j = 0; j < G_N_ELEMENTS (edge_values) + N_RANDOM_CHANGES; j++, n_runs++)
        {
          changed[i] = j < G_N_ELEMENTS (edge_values) ? edge_values[j]
                                                      : (guint8) g_rand_int_range (random, 0, 256);
          run (changed, item.size);
        }
      changed[i] = original;
    }
  return n_runs;
}

#ifdef FUZZ_MUTATE
static guint
run_mutations (EaSpan item)
{
  gsize size = MIN (item.size, MUTATED_SIZE_MAX);
  guint8 mutated[MUTATED_SIZE_MAX];

  stand_in_seed (SEED);
  for (guint seed = 0; seed < N_MUTATIONS; seed++)
    {
      if (seed % N_MUTATIONS_IN_A_ROW == 0)
        {
          size = MIN (item.size, MUTATED_SIZE_MAX);
          memcpy (mutated, item.data, size);
        }
      size = LLVMFuzzerCustomMutator (mutated, size, sizeof mutated, seed);
      run (mutated, size);
    }
  return N_MUTATIONS;
}
#else
static guint
run_mutations (EaSpan item)
{
  return 0;
}
#endif

static guint
run_item (GBytes *bytes, gboolean is_found, GRand *random)
{
  EaSpan item = ea_span_from_bytes (bytes);

  if (is_found)
    {
      run (item.data, item.size);
      return 1 + run_mutations (item);
    }
  for (gsize size = 0; size <= item.size; size++)
    run (item.data, size);
  return (guint) item.size + 1 + run_changes (item, random) + run_mutations (item);
}

/* (transfer full) (nullable): the hexadecimal text of a line, or NULL when it has no item */
static char *
get_item_text (const char *line, gboolean is_tsv)
{
  g_auto (GStrv) columns = NULL;

  if (line[0] == '\0' || line[0] == '#')
    return NULL;
  if (!is_tsv)
    return g_strdup (line);
  columns = g_strsplit (line, "\t", -1);
  if (g_strv_length (columns) <= TSV_COLUMN_HEX
      || g_str_equal (columns[TSV_COLUMN_HEX], TSV_HEX_HEADING))
    return NULL;
  return g_strdup (columns[TSV_COLUMN_HEX]);
}

static gboolean
run_file (const char *path, GRand *random, GError **error)
{
  g_autofree char *content = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_items = 0;
  guint n_runs = 0;

  if (!g_file_get_contents (path, &content, NULL, error))
    return FALSE;
  lines = g_strsplit (content, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *text = get_item_text (*line, g_str_has_suffix (path, ".tsv"));
      g_autoptr (GBytes) item = NULL;

      if (text == NULL)
        continue;
      item = ea_bytes_from_hex (text, error);
      if (item == NULL)
        {
          g_prefix_error (error, "%s: '%s': ", path, text);
          return FALSE;
        }
      n_runs += run_item (item, g_str_has_suffix (path, FOUND_SUFFIX), random);
      n_items++;
    }
  printf ("%s: %u items, %u runs\n", path, n_items, n_runs);
  if (n_items > 0)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED, "%s has no items", path);
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);

  if (argc < 2)
    {
      g_printerr ("No corpus files\n");
      return EXIT_FAILURE;
    }
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!run_file (argv[i], random, &error))
        {
          g_printerr ("%s\n", error->message);
          return EXIT_FAILURE;
        }
    }
  return EXIT_SUCCESS;
}
