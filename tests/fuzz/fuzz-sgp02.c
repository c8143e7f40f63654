/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What SGP.02 defines (agent/core/sgp02.h, sgp02-identity.h, sgp02-notification.h): the EID that a card tells,
 * PSK identities, agent identifiers, notifications. What was read, written again, is read alike.
 */

#include "core/sgp02.h"

#include <string.h>

#include "core/sgp02-identity.h"
#include "core/sgp02-notification.h"
#include "core/sgp02-status.h"
#include "fuzz.h"

/* 5A 10 EID 90 00 (SGP.02 §2.2.2) */
#define EID_RESPONSE_FORMAT "5A10%s9000"

static void
check_eid (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *eid = ea_sgp02_parse_eid (input, &error);
  g_autofree char *again = NULL;
  g_autofree char *hex = NULL;
  g_autoptr (GBytes) response = NULL;

  FUZZ_CLAIM ((eid == NULL) == (error != NULL));
  if (eid == NULL)
    return;

  FUZZ_CLAIM (strlen (eid) == EA_SGP02_EID_DIGITS);
  FUZZ_CLAIM (strspn (eid, "0123456789") == EA_SGP02_EID_DIGITS);
  (void) ea_sgp02_has_check_digits (eid);
  hex = g_strdup_printf (EID_RESPONSE_FORMAT, eid);
  response = ea_bytes_from_hex (hex, NULL);
  again = ea_sgp02_parse_eid (ea_span_from_bytes (response), NULL);
  FUZZ_CLAIM (g_strcmp0 (again, eid) == 0);
}

static void
check_identity (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaSgp02PskIdentity identity;
  EaSgp02PskIdentity again;

  fuzz_poison (&identity, sizeof identity);
  if (!ea_sgp02_parse_psk_identity (&identity, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&identity, sizeof identity));
      return;
    }
  FUZZ_CLAIM (fuzz_is_inside (identity.eid, input) && fuzz_is_inside (identity.aid, input));
  (void) ea_sgp02_get_aid_name (identity.aid);
  built = ea_sgp02_build_psk_identity (&identity);
  FUZZ_CLAIM (ea_sgp02_parse_psk_identity (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.type == identity.type && again.key_identifier == identity.key_identifier
              && again.key_version == identity.key_version);
  FUZZ_CLAIM (ea_span_equal (again.eid, identity.eid) && ea_span_equal (again.aid, identity.aid));
}

static void
check_identity_text (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) binary = ea_sgp02_decode_psk_identity (input, &error);

  FUZZ_CLAIM ((binary == NULL) == (error != NULL));
  if (binary == NULL)
    return;
  FUZZ_CLAIM (g_bytes_get_size (binary) * 2 == input.size);
  check_identity (ea_span_from_bytes (binary));
}

static void
check_agent_id (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_auto (EaSgp02AgentId) again = { 0 };
  g_auto (EaSgp02AgentId) id = { 0 };
  g_autofree char *text = NULL;

  if (!ea_sgp02_parse_agent_id (&id, input, &error))
    {
      FUZZ_CLAIM (error != NULL && id.eid == NULL && id.aid == NULL);
      return;
    }
  text = ea_sgp02_build_agent_id (id.eid, ea_span_from_bytes (id.aid));
  FUZZ_CLAIM (strlen (text) == input.size);
  FUZZ_CLAIM (ea_sgp02_parse_agent_id (&again, ea_span_init (text, strlen (text)), NULL));
  FUZZ_CLAIM (strcmp (again.eid, id.eid) == 0 && g_bytes_equal (again.aid, id.aid));
}

static void
check_targeted_application (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) aid = ea_sgp02_parse_targeted_application (input, &error);
  g_autofree char *text = NULL;

  FUZZ_CLAIM ((aid == NULL) == (error != NULL));
  if (aid == NULL)
    return;
  text = ea_sgp02_build_targeted_application (ea_span_from_bytes (aid));
  FUZZ_CLAIM (strlen (text) == input.size);
}

static void
check_notification (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *imei = NULL;
  g_autoptr (GBytes) built = NULL;
  EaSgp02Notification notification;
  EaSgp02Notification again;

  fuzz_poison (&notification, sizeof notification);
  if (!ea_sgp02_parse_notification (&notification, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&notification, sizeof notification));
      return;
    }
  FUZZ_CLAIM (fuzz_is_inside (notification.eid, input) && fuzz_is_inside (notification.aid, input));
  FUZZ_CLAIM (fuzz_is_inside (notification.imei, input)
              && fuzz_is_inside (notification.meid, input));
  imei = ea_sgp02_get_imei_digits (notification.imei);
  built = ea_sgp02_build_notification (&notification);
  FUZZ_CLAIM (ea_sgp02_parse_notification (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.type == notification.type && again.sequence == notification.sequence);
  FUZZ_CLAIM (ea_span_equal (again.eid, notification.eid)
              && ea_span_equal (again.aid, notification.aid));
  FUZZ_CLAIM (ea_span_equal (again.imei, notification.imei)
              && ea_span_equal (again.meid, notification.meid));
}

static void
check_sent_notification (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaSgp02Notification notification;

  fuzz_poison (&notification, sizeof notification);
  if (ea_sgp02_find_notification (&notification, input, &error))
    FUZZ_CLAIM (error == NULL && fuzz_is_inside (notification.objects, input));
  else
    FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&notification, sizeof notification));
}

static void
check_status (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaSpan aid;

  fuzz_poison (&aid, sizeof aid);
  if (ea_sgp02_find_enabled (input, &aid, &error))
    FUZZ_CLAIM (error == NULL && fuzz_is_inside (aid, input));
  else
    FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&aid, sizeof aid));
}

static void
check_command (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaApduCommand command;
  guint16 sequence = 0;

  if (ea_apdu_parse_command (&command, input, NULL))
    (void) ea_sgp02_get_function_name (&command);
  if (ea_sgp02_parse_confirmation (&sequence, input, &error))
    {
      g_autoptr (GBytes) built = ea_sgp02_build_confirmation (sequence);
      guint16 again;

      FUZZ_CLAIM (ea_sgp02_parse_confirmation (&again, ea_span_from_bytes (built), NULL));
      FUZZ_CLAIM (again == sequence);
    }
  else
    FUZZ_CLAIM (error != NULL && sequence == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);

  check_eid (input);
  check_identity (input);
  check_identity_text (input);
  check_agent_id (input);
  check_targeted_application (input);
  check_notification (input);
  check_sent_notification (input);
  check_status (input);
  check_command (input);
  return 0;
}
