/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The record of what was changed in a modem (agent/modem/qmi-record.h), which someone else may have written:
 * what was read of it is within its limits and, written again, is read alike. The record of bearers
 * (agent/modem/bearers.h) takes whatever there is.
 */

#include "modem/bearers.h"
#include "modem/qmi-record.h"

#include <string.h>

#include "fuzz.h"

#define CLIENTS_MAX 32
#define ROUTES_MAX 32
#define CHANNELS_MAX 19
#define PROFILE_MAX 255

static gboolean
is_same_array (const GArray *a, const GArray *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->len == b->len
         && (a->len == 0
             || memcmp (a->data, b->data, a->len * g_array_get_element_size ((GArray *) a)) == 0);
}

static gboolean
is_same_configuration (const EaQmiConfiguration *a, const EaQmiConfiguration *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->mode == b->mode && g_bytes_equal (a->profile, b->profile);
}

static void
check_limits (const EaQmiRecord *record)
{
  FUZZ_CLAIM (record->instance != NULL);
  FUZZ_CLAIM (record->clients != NULL && record->clients->len <= CLIENTS_MAX);
  FUZZ_CLAIM (record->channels != NULL && record->channels->len <= CHANNELS_MAX);
  FUZZ_CLAIM (record->routes == NULL || record->routes->len <= ROUTES_MAX);
  FUZZ_CLAIM (record->configuration == NULL
              || g_bytes_get_size (record->configuration->profile) <= PROFILE_MAX);
}

static void
check_again (const EaQmiRecord *record)
{
  g_autoptr (GBytes) written = ea_qmi_record_to_bytes (record);
  g_auto (EaQmiRecord) again = { 0 };

  if (written == NULL)
    {
      FUZZ_CLAIM (record->routes == NULL && record->configuration == NULL
                  && record->clients->len == 0 && record->channels->len == 0
                  && record->radio == EA_QMI_RADIO_UNTOUCHED);
      return;
    }
  FUZZ_CLAIM (ea_qmi_record_parse (&again, written, NULL));
  FUZZ_CLAIM (g_str_equal (again.instance, record->instance));
  FUZZ_CLAIM (again.radio == record->radio);
  FUZZ_CLAIM (is_same_array (again.clients, record->clients));
  FUZZ_CLAIM (is_same_array (again.channels, record->channels));
  FUZZ_CLAIM (is_same_array (again.routes, record->routes));
  FUZZ_CLAIM (is_same_configuration (again.configuration, record->configuration));
}

/* What is removed one by one leaves nothing of it. */
static void
check_removal (EaQmiRecord *record)
{
  while (record->clients->len > 0)
    {
      EaQmiClientId client = g_array_index (record->clients, EaQmiClientId, 0);
      guint n_before = record->clients->len;

      ea_qmi_record_remove_client (record, client.service, client.cid);
      FUZZ_CLAIM (record->clients->len < n_before);
    }
  while (record->channels->len > 0)
    {
      guint n_before = record->channels->len;

      ea_qmi_record_remove_channel (record, g_array_index (record->channels, guint8, 0));
      FUZZ_CLAIM (record->channels->len < n_before);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (EaBearerRecord) bearers = ea_bearer_record_new (bytes);
  g_autoptr (GError) error = NULL;
  EaQmiRecord record;

  FUZZ_CLAIM (bearers != NULL);
  fuzz_poison (&record, sizeof record);
  if (!ea_qmi_record_parse (&record, bytes, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&record, sizeof record));
      return 0;
    }

  FUZZ_CLAIM (error == NULL);
  check_limits (&record);
  check_again (&record);
  check_removal (&record);
  ea_qmi_record_clear (&record);
  return 0;
}
