/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "resolver-rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

Rig *
rig_new (void)
{
  Rig *self = g_new0 (Rig, 1);

  self->resolver = ea_resolver_new ();
  self->first = dns_server_new ("127.0.0.1", 0);
  self->second = dns_server_new ("127.0.0.1", 0);
  self->servers = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->servers, g_object_ref (self->first->address));
  self->query = (EaResolverQuery){
    .name = NAME,
    .servers = self->servers,
    .wants_ipv4 = TRUE,
    .wants_ipv6 = TRUE,
    .timeout_ms = LONG_MS,
  };
  return self;
}

void
rig_free (Rig *self)
{
  g_clear_object (&self->resolver);
  dns_server_free (self->first);
  dns_server_free (self->second);
  g_ptr_array_unref (self->servers);
  g_free (self);
}

void
rig_use_second (Rig *self)
{
  g_ptr_array_add (self->servers, g_object_ref (self->second->address));
}

Outcome *
outcome_new (void)
{
  return g_new0 (Outcome, 1);
}

void
outcome_free (Outcome *self)
{
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_free (self);
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->n_done++;
  assert_int_equal (outcome->n_done, 1);
  outcome->addresses = ea_resolver_resolve_finish (EA_RESOLVER (source), result, &outcome->error);
  assert_true ((outcome->addresses == NULL) != (outcome->error == NULL));
}

Outcome *
rig_start (Rig *self, GCancellable *cancellable)
{
  Outcome *outcome = outcome_new ();

  ea_resolver_resolve_async (self->resolver, &self->query, cancellable, on_resolved, outcome);
  assert_int_equal (outcome->n_done, 0);
  return outcome;
}

Outcome *
rig_ask (Rig *self)
{
  Outcome *outcome = rig_start (self, NULL);

  WAIT_FOR (outcome->n_done > 0);
  return outcome;
}

void
outcome_expect (Outcome *self, const char *addresses)
{
  g_autoptr (GString) text = g_string_new (NULL);

  WAIT_FOR (self->n_done > 0);
  if (self->error != NULL)
    fail_msg ("%s", self->error->message);
  for (guint i = 0; i < self->addresses->len; i++)
    {
      g_autofree char *address = g_inet_address_to_string (g_ptr_array_index (self->addresses, i));

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", address);
    }
  assert_string_equal (text->str, addresses);
}

void
rig_expect (Rig *self, const char *addresses)
{
  g_autoptr (Outcome) outcome = rig_ask (self);

  outcome_expect (outcome, addresses);
}

void
outcome_expect_error (Outcome *self, EaResolverError code, const char *message)
{
  WAIT_FOR (self->n_done > 0);
  if (self->error == NULL)
    fail_msg ("%u addresses instead of: %s", self->addresses->len, message);
  assert_string_equal (self->error->message, message);
  assert_true (self->error->domain == EA_RESOLVER_ERROR);
  assert_int_equal (self->error->code, code);
}

void
rig_expect_error (Rig *self, EaResolverError code, const char *message)
{
  g_autoptr (Outcome) outcome = rig_ask (self);

  outcome_expect_error (outcome, code, message);
}
