/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* PUSH commands and triggers (agent/core/push.h, push-trigger.h): what was read, written again, is read alike. */

#include "core/push-fqdn.h"
#include "core/push-trigger.h"
#include "core/push.h"

#include <string.h>

#include "fuzz.h"

static void
check_same_connection (const EaPushConnection *a, const EaPushConnection *b)
{
  FUZZ_CLAIM (a->present == b->present);
  FUZZ_CLAIM (ea_span_equal (a->alpha, b->alpha));
  FUZZ_CLAIM (a->bearer.type == b->bearer.type
              && ea_span_equal (a->bearer.parameters, b->bearer.parameters));
  FUZZ_CLAIM (a->buffer_size == b->buffer_size);
  FUZZ_CLAIM (ea_span_equal (a->access_name, b->access_name));
  FUZZ_CLAIM (ea_span_equal (a->login, b->login) && ea_span_equal (a->password, b->password));
  FUZZ_CLAIM (a->transport.protocol == b->transport.protocol
              && a->transport.port == b->transport.port);
  FUZZ_CLAIM (ea_span_equal (a->local_address.address, b->local_address.address));
  FUZZ_CLAIM (ea_span_equal (a->destination.address, b->destination.address));
  FUZZ_CLAIM (ea_span_equal (a->identification, b->identification));
}

static void
check_connection (EaSpan objects)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  EaPushConnection connection;
  EaPushConnection again;

  fuzz_poison (&connection, sizeof connection);
  if (!ea_push_parse_connection (&connection, objects, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&connection, sizeof connection));
      return;
    }
  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (fuzz_is_inside (connection.alpha, objects));
  FUZZ_CLAIM (fuzz_is_inside (connection.destination.address, objects));
  FUZZ_CLAIM (fuzz_is_inside (connection.identification, objects));
  ea_writer_init (&writer);
  ea_push_write_connection (&writer, &connection);
  FUZZ_CLAIM (ea_push_parse_connection (&again, ea_writer_span (&writer), NULL));
  check_same_connection (&connection, &again);
}

static void
check_push (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaPush again;
  EaPush push;

  fuzz_poison (&push, sizeof push);
  if (!ea_push_parse (&push, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&push, sizeof push));
      return;
    }
  FUZZ_CLAIM (error == NULL && fuzz_is_inside (push.objects, input));
  FUZZ_CLAIM (ea_push_get_name (push.request) != NULL);
  check_connection (push.objects);
  built = ea_push_build (&push, NULL);
  FUZZ_CLAIM (built != NULL && ea_push_parse (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.request == push.request && ea_span_equal (again.objects, push.objects));
}

static void
check_same_trigger (const EaPushTrigger *a, const EaPushTrigger *b)
{
  FUZZ_CLAIM (a->present == b->present);
  FUZZ_CLAIM (ea_span_equal (a->connection, b->connection));
  FUZZ_CLAIM (ea_span_equal (a->psk_identity, b->psk_identity));
  FUZZ_CLAIM (a->key_version == b->key_version && a->key_identifier == b->key_identifier
              && a->hash == b->hash);
  FUZZ_CLAIM (ea_span_equal (a->extended_security, b->extended_security));
  FUZZ_CLAIM (a->retry_counter == b->retry_counter);
  FUZZ_CLAIM (ea_span_equal (a->retry_timer, b->retry_timer));
  FUZZ_CLAIM (ea_span_equal (a->failure_report, b->failure_report));
  FUZZ_CLAIM (ea_span_equal (a->host, b->host) && ea_span_equal (a->agent, b->agent)
              && ea_span_equal (a->uri, b->uri));
  FUZZ_CLAIM (ea_span_equal (a->fqdn, b->fqdn));
  FUZZ_CLAIM (ea_span_equal (a->dns_connection, b->dns_connection));
}

static void
check_timer (EaSpan timer)
{
  g_auto (EaWriter) writer = { 0 };
  guint seconds;
  guint again;

  (void) ea_push_timer_get_plain (timer, &seconds);
  if (!ea_push_timer_get_swapped (timer, &seconds))
    return;
  ea_writer_init (&writer);
  ea_push_write_timer (&writer, seconds);
  FUZZ_CLAIM (ea_push_timer_get_swapped (ea_writer_span (&writer), &again) && again == seconds);
}

/* What is a name is read again as it stands. */
static void
check_fqdn (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = ea_push_read_fqdn (input, &error);
  g_autofree char *again = NULL;

  FUZZ_CLAIM ((name == NULL) == (error != NULL));
  if (name == NULL)
    return;
  FUZZ_CLAIM (strlen (name) >= 1 && strlen (name) <= EA_PUSH_FQDN_MAX);
  again = ea_push_read_fqdn (ea_span_init (name, strlen (name)), NULL);
  FUZZ_CLAIM (g_strcmp0 (name, again) == 0);
}

static void
check_trigger (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaPushTrigger trigger;
  EaPushTrigger again;

  fuzz_poison (&trigger, sizeof trigger);
  if (!ea_push_parse_trigger (&trigger, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&trigger, sizeof trigger));
      return;
    }
  FUZZ_CLAIM (error == NULL && fuzz_is_inside (trigger.psk_identity, input));
  FUZZ_CLAIM (fuzz_is_inside (trigger.connection, input) && fuzz_is_inside (trigger.uri, input));
  check_connection (trigger.connection);
  check_timer (trigger.retry_timer);
  check_fqdn (trigger.fqdn);
  built = ea_push_build_trigger (&trigger, NULL);
  FUZZ_CLAIM (ea_push_parse_trigger (&again, ea_span_from_bytes (built), NULL));
  check_same_trigger (&trigger, &again);
}

/* Session parameters that are stored have another object around them. */
static void
check_object (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaPushTrigger trigger;
  EaPushTrigger again;

  fuzz_poison (&trigger, sizeof trigger);
  if (!ea_push_parse_trigger_object (&trigger, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&trigger, sizeof trigger));
      return;
    }
  if ((trigger.present & EA_PUSH_TRIGGER_HAS_SESSION) == 0 || trigger.objects.size > 0)
    return;
  built = ea_push_build_stored_session (&trigger, NULL);
  FUZZ_CLAIM (ea_push_parse_trigger_object (&again, ea_span_from_bytes (built), NULL));
  check_same_trigger (&trigger, &again);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_push (ea_span_init (data, size));
  check_connection (ea_span_init (data, size));
  check_trigger (ea_span_init (data, size));
  check_object (ea_span_init (data, size));
  check_fqdn (ea_span_init (data, size));
  return 0;
}
