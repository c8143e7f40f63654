/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "toolkit-rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wait.h"

/* Any number will do for the modem's name of a command. */
#define REFERENCE 1

static void
on_opened (EaToolkit *toolkit, EaChannel *channel, gpointer user_data)
{
  ToolkitRig *rig = user_data;
  guint index = ea_channel_get_number (channel) - 1u;

  assert_null (rig->channels[index]);
  rig->channels[index] = channel;
  rig->n_opened++;
}

static void
on_closed (EaToolkit *toolkit, EaChannel *channel, gpointer user_data)
{
  ToolkitRig *rig = user_data;
  guint index = ea_channel_get_number (channel) - 1u;

  assert_ptr_equal (rig->channels[index], channel);
  rig->channels[index] = NULL;
  rig->n_closed++;
}

static void
count (guint *counter)
{
  ++*counter;
}

static void
watch (ToolkitRig *rig)
{
  EaToolkit *toolkit = rig->toolkit;

  g_signal_connect (toolkit, "channel-opened", G_CALLBACK (on_opened), rig);
  g_signal_connect (toolkit, "channel-closed", G_CALLBACK (on_closed), rig);
  g_signal_connect_swapped (toolkit, "idle", G_CALLBACK (count), &rig->n_idle);
  g_signal_connect_swapped (toolkit, "refreshed", G_CALLBACK (count), &rig->n_refreshed);
  g_signal_connect_swapped (toolkit, "events-changed", G_CALLBACK (count), &rig->n_events_changed);
}

ToolkitRig *
toolkit_rig_new (const char *interface, const char *allow)
{
  ToolkitRig *rig = g_new0 (ToolkitRig, 1);
  const EaBearersOptions bearers_options
      = { .use = EA_BEARER_USE_EXISTING, .apn = "", .interface = interface, .path = "/dev/null" };
  const char *const ranges[] = { allow, NULL };
  EaToolkitOptions options = { 0 };

  rig->modem = fake_modem_new ();
  fake_modem_answer_all (rig->modem, "9000");
  ea_modem_set_capabilities (EA_MODEM (rig->modem), EA_MODEM_ENVELOPE | EA_MODEM_TOOLKIT);
  rig->card = ea_card_new (EA_MODEM (rig->modem));
  rig->activity = ea_activity_new ();
  rig->modem_manager = g_object_new (EA_TYPE_MODEM_MANAGER, NULL);
  rig->bearers = ea_bearers_new (rig->modem_manager, &bearers_options);
  rig->policy = ea_address_policy_new (ranges, NULL, NULL);
  options.modem = EA_MODEM (rig->modem);
  options.card = rig->card;
  options.activity = rig->activity;
  options.channels = (EaChannelContext){ rig->bearers, rig->policy, &rig->log };
  rig->toolkit = ea_toolkit_new (&options);
  watch (rig);
  return rig;
}

void
toolkit_rig_allow (ToolkitRig *rig, const char *allow)
{
  const char *const ranges[] = { allow, NULL };
  EaAddressPolicy *policy = ea_address_policy_new (ranges, NULL, NULL);

  ea_toolkit_set_policy (rig->toolkit, policy);
  ea_address_policy_free (rig->policy);
  rig->policy = policy;
}

void
toolkit_rig_end_toolkit (ToolkitRig *rig)
{
  EaToolkit *toolkit = rig->toolkit;

  g_object_add_weak_pointer (G_OBJECT (toolkit), (gpointer *) &rig->toolkit);
  g_object_unref (toolkit);
  WAIT_FOR (rig->toolkit == NULL);
}

void
toolkit_rig_free (ToolkitRig *rig)
{
  if (rig->toolkit != NULL)
    {
      assert_string_equal (fake_modem_read_diary (rig->modem), "");
      toolkit_rig_end_toolkit (rig);
    }
  g_object_unref (rig->bearers);
  g_object_unref (rig->modem_manager);
  ea_address_policy_free (rig->policy);
  g_object_unref (rig->card);
  g_object_unref (rig->activity);
  g_object_unref (rig->modem);
  g_free (rig);
}

int
toolkit_rig_setup (void **state)
{
  *state = toolkit_rig_new ("lo", "127.0.0.0/8");
  return 0;
}

int
toolkit_rig_setup_closed (void **state)
{
  *state = toolkit_rig_new ("lo", NULL);
  return 0;
}

int
toolkit_rig_teardown (void **state)
{
  toolkit_rig_free (*state);
  return 0;
}

void
toolkit_rig_want (ToolkitRig *rig, const char *command)
{
  fake_modem_want (rig->modem, REFERENCE, command);
}

void
toolkit_rig_expect (ToolkitRig *rig, const char *line)
{
  assert_string_equal (fake_modem_await_line (rig->modem), line);
}

void
toolkit_rig_expect_response (ToolkitRig *rig, const char *response)
{
  g_autofree char *line = g_strdup_printf ("response %d %s", REFERENCE, response);

  toolkit_rig_expect (rig, line);
}

void
toolkit_rig_expect_nothing (ToolkitRig *rig)
{
  run_ready ();
  assert_string_equal (fake_modem_read_diary (rig->modem), "");
}

void
toolkit_rig_exchange (ToolkitRig *rig, const char *command, const char *response)
{
  toolkit_rig_want (rig, command);
  toolkit_rig_expect_response (rig, response);
}
