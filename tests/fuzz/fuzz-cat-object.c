/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values of all toolkit objects (agent/core/cat-object.h and its siblings), and digits and names back. */

#include <string.h>

#include "../unit/cat-nouns.h"
#include "core/cat-name.h"
#include "fuzz.h"

/* What was written is read as the same: writing it again gives the same bytes. */
static void
check_noun (CatRewriteFunc rewrite, EaSpan value)
{
  g_auto (EaWriter) once = { 0 };
  g_auto (EaWriter) twice = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_untouched = FALSE;

  ea_writer_init (&once);
  if (!rewrite (value, &once, &is_untouched, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (is_untouched);
      return;
    }
  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (ea_writer_span (&once).size == value.size);
  ea_writer_init (&twice);
  FUZZ_CLAIM (rewrite (ea_writer_span (&once), &twice, &is_untouched, NULL));
  FUZZ_CLAIM (ea_span_equal (ea_writer_span (&once), ea_writer_span (&twice)));
}

static void
check_access_name (EaSpan value)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = ea_cat_parse_network_access_name (value, &error);
  g_auto (EaWriter) writer = { 0 };
  g_autofree char *again = NULL;

  FUZZ_CLAIM ((name == NULL) == (error != NULL));
  if (name == NULL)
    return;
  ea_writer_init (&writer);
  if (!ea_cat_write_network_access_name (&writer, name, NULL))
    return;
  again = ea_cat_parse_network_access_name (ea_writer_span (&writer), NULL);
  FUZZ_CLAIM (again != NULL && strcmp (again, name) == 0);
}

static void
check_digits (EaSpan value)
{
  g_autofree char *digits = ea_cat_digits_to_text (value);
  g_autofree char *again = NULL;
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  FUZZ_CLAIM (ea_cat_write_digits (&writer, digits, NULL));
  FUZZ_CLAIM (ea_writer_span (&writer).size == (strlen (digits) + 1) / 2);
  again = ea_cat_digits_to_text (ea_writer_span (&writer));
  FUZZ_CLAIM (strcmp (again, digits) == 0);
}

static void
check_text_forms (EaSpan value)
{
  const EaCatBearerField *fields;
  EaCatBearerDescription bearer;
  EaCatOtherAddress address;
  EaCatDateTime date_time;
  gsize n_fields;
  gsize size = 0;

  if (ea_cat_parse_other_address (&address, value, NULL))
    {
      g_autofree char *text = ea_cat_other_address_to_text (&address);

      FUZZ_CLAIM ((text == NULL) == (address.family == EA_CAT_ADDRESS_NONE));
      FUZZ_CLAIM (fuzz_is_inside (address.address, value));
    }
  if (ea_cat_parse_date_time (&date_time, value, NULL))
    {
      g_autofree char *text = ea_cat_date_time_to_text (&date_time);

      FUZZ_CLAIM (strlen (text) == (date_time.has_zone ? 25 : 19));
    }
  if (ea_cat_parse_bearer_description (&bearer, value, NULL))
    {
      fields = ea_cat_get_bearer_fields (&bearer, &n_fields);
      for (gsize i = 0; i < n_fields; i++)
        size += fields[i].size;
      FUZZ_CLAIM (fields == NULL || size == bearer.parameters.size);
    }
}

/* Whatever stands around the digits of an identity is kept. */
static void
check_identities (EaSpan value)
{
  EaCatEquipmentIdentity identity;
  g_auto (EaWriter) imei = { 0 };
  g_auto (EaWriter) imeisv = { 0 };

  ea_writer_init (&imei);
  if (ea_cat_parse_imei (&identity, value, NULL))
    {
      ea_cat_write_imei (&imei, &identity);
      FUZZ_CLAIM (ea_span_equal (ea_writer_span (&imei), value));
    }
  ea_writer_init (&imeisv);
  if (ea_cat_parse_imeisv (&identity, value, NULL))
    {
      ea_cat_write_imeisv (&imeisv, &identity);
      FUZZ_CLAIM (ea_span_equal (ea_writer_span (&imeisv), value));
    }
}

/* The paths of a file list are all of its bytes. */
static void
check_paths (EaSpan value)
{
  EaCatFileList list;
  EaReader reader;
  EaSpan path;
  gsize size = 0;

  if (!ea_cat_parse_file_list (&list, value, NULL))
    return;
  ea_reader_init (&reader, list.paths);
  while (ea_cat_file_list_next (&reader, &path))
    {
      FUZZ_CLAIM (fuzz_is_inside (path, value) && path.size >= 2);
      size += path.size;
    }
  FUZZ_CLAIM (size == list.paths.size);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan value = ea_span_init (data, size);

  for (gsize i = 0; i < G_N_ELEMENTS (cat_nouns); i++)
    check_noun (cat_nouns[i].rewrite, value);
  check_access_name (value);
  check_digits (value);
  check_text_forms (value);
  check_paths (value);
  check_identities (value);
  return 0;
}
