/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one eUICC shows: its properties, as the bus has them. */

#include <string.h>

#include "core/cat-name.h"
#include "session/euicc-private.h"

static GParamSpec *props[EA_EUICC_N_PROPS];

void
ea_euicc_notify (EaEuicc *self, EaEuiccProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[property]);
}

static char **
get_capabilities (EaEuicc *self)
{
  static const struct
  {
    EaModemCapabilities capability;
    const char *name;
  } names[] = {
    { EA_MODEM_ENVELOPE, "envelope" }, { EA_MODEM_LOGICAL_CHANNEL, "logical-channel" },
    { EA_MODEM_NETWORK, "network" },   { EA_MODEM_REFRESH, "refresh" },
    { EA_MODEM_SEND_SMS, "send-sms" }, { EA_MODEM_SMS_PP, "sms-pp" },
    { EA_MODEM_TOOLKIT, "toolkit" },
  };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; self->modem != NULL && i < G_N_ELEMENTS (names); i++)
    if ((ea_modem_get_capabilities (self->modem) & names[i].capability) != 0)
      g_strv_builder_add (builder, names[i].name);
  return g_strv_builder_end (builder);
}

/* The standard's names as words: "location-status" */
static char **
get_events (EaEuicc *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  EaReader reader;

  ea_reader_init (&reader, self->toolkit != NULL
                               ? ea_span_from_bytes (ea_toolkit_get_events (self->toolkit))
                               : EA_SPAN_EMPTY);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 event = ea_reader_u8 (&reader);
      const char *name = ea_cat_get_name (EA_CAT_NAMES_EVENT, event);
      g_autofree char *word
          = name != NULL ? g_ascii_strdown (name, -1) : g_strdup_printf ("event-%02x", event);

      g_strv_builder_add (builder, g_strdelimit (word, " ", '-'));
    }
  return g_strv_builder_end (builder);
}

static const char *
get_role (EaEuicc *self)
{
  if (self->modem == NULL || ea_modem_get_role (self->modem) == EA_MODEM_ROLE_AUTO)
    return "";
  return ea_modem_role_to_string (ea_modem_get_role (self->modem));
}

static GVariant *
get_atr (EaEuicc *self)
{
  EaSpan atr = ea_span_from_bytes (self->atr);

  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, atr.data, atr.size, 1);
}

/* (nullable) */
static const char *
get_intended_iccid (EaEuicc *self)
{
  return self->profiles != NULL ? ea_profile_history_get_intended (self->profiles) : NULL;
}

/* (nullable): %NULL: there was no switch */
static const char *
get_switch_reason (EaEuicc *self)
{
  const char *reason = ea_euicc_get_reason (self);

  return g_strcmp0 (reason, EA_PROFILE_REASON_FIRST) != 0 ? reason : NULL;
}

static const char *
or_empty (const char *string)
{
  return string != NULL ? string : "";
}

static void
ea_euicc_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EaEuicc *self = EA_EUICC (object);

  switch (id)
    {
    case EA_EUICC_PROP_EID:
      g_value_set_string (value, or_empty (self->eid));
      break;
    case EA_EUICC_PROP_ICCID:
      g_value_set_string (value, or_empty (self->iccid));
      break;
    case EA_EUICC_PROP_PREVIOUS_ICCID:
      g_value_set_string (value, or_empty (self->previous_iccid));
      break;
    case EA_EUICC_PROP_INTENDED_ICCID:
      g_value_set_string (value, or_empty (get_intended_iccid (self)));
      break;
    case EA_EUICC_PROP_SWITCH_REASON:
      g_value_set_string (value, or_empty (get_switch_reason (self)));
      break;
    case EA_EUICC_PROP_ATR:
      g_value_set_variant (value, get_atr (self));
      break;
    case EA_EUICC_PROP_SLOT:
      g_value_set_uint (value, self->slot);
      break;
    case EA_EUICC_PROP_MODEM:
      g_value_set_string (value, self->modem_object);
      break;
    case EA_EUICC_PROP_DEVICE:
      g_value_set_string (value, or_empty (self->path));
      break;
    case EA_EUICC_PROP_DEVICE_ID:
      g_value_set_string (value, self->device_id);
      break;
    case EA_EUICC_PROP_IMEI:
      g_value_set_string (value, self->modem != NULL ? ea_modem_get_imei (self->modem) : "");
      break;
    case EA_EUICC_PROP_ROLE:
      g_value_set_string (value, get_role (self));
      break;
    case EA_EUICC_PROP_ROLE_REASON:
      g_value_set_string (value, self->modem != NULL ? ea_modem_get_role_reason (self->modem) : "");
      break;
    case EA_EUICC_PROP_STATE:
      g_value_set_string (value, self->state);
      break;
    case EA_EUICC_PROP_STATE_REASON:
      g_value_set_string (value, or_empty (self->state_reason));
      break;
    case EA_EUICC_PROP_CAPABILITIES:
      g_value_take_boxed (value, get_capabilities (self));
      break;
    case EA_EUICC_PROP_CAT_MODE:
      g_value_set_string (value, self->modem != NULL ? ea_modem_get_cat_mode (self->modem) : "");
      break;
    case EA_EUICC_PROP_EVENTS:
      g_value_take_boxed (value, get_events (self));
      break;
    case EA_EUICC_PROP_KEY_SETS:
      g_value_take_boxed (value, ea_key_ring_list (self->keys, self->eid));
      break;
    case EA_EUICC_PROP_COUNTERS:
      g_value_set_variant (value, ea_activity_get_counters (self->activity));
      break;
    case EA_EUICC_PROP_LAST_ACTIVITY:
      g_value_set_uint64 (value, ea_activity_get_last_time_us (self->activity));
      break;
    case EA_EUICC_PROP_LAST_ERROR:
      g_value_set_variant (value, ea_activity_get_last_error (self->activity));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
install_string (guint id, const char *name)
{
  props[id] = g_param_spec_string (name, NULL, NULL, "", G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_list (guint id, const char *name)
{
  props[id] = g_param_spec_boxed (name, NULL, NULL, G_TYPE_STRV,
                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_variant (guint id, const char *name, const char *type)
{
  props[id] = g_param_spec_variant (name, NULL, NULL, G_VARIANT_TYPE (type), NULL,
                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

void
ea_euicc_install_properties (GObjectClass *object_class)
{
  object_class->get_property = ea_euicc_get_property;
  install_string (EA_EUICC_PROP_EID, "eid");
  install_string (EA_EUICC_PROP_ICCID, "iccid");
  install_string (EA_EUICC_PROP_PREVIOUS_ICCID, "previous-iccid");
  install_string (EA_EUICC_PROP_INTENDED_ICCID, "intended-iccid");
  install_string (EA_EUICC_PROP_SWITCH_REASON, "switch-reason");
  install_string (EA_EUICC_PROP_MODEM, "modem");
  install_string (EA_EUICC_PROP_DEVICE, "device");
  install_string (EA_EUICC_PROP_DEVICE_ID, "device-id");
  install_string (EA_EUICC_PROP_IMEI, "imei");
  install_string (EA_EUICC_PROP_ROLE, "role");
  install_string (EA_EUICC_PROP_ROLE_REASON, "role-reason");
  install_string (EA_EUICC_PROP_STATE, "state");
  install_string (EA_EUICC_PROP_STATE_REASON, "state-reason");
  install_string (EA_EUICC_PROP_CAT_MODE, "cat-mode");
  install_variant (EA_EUICC_PROP_ATR, "atr", "ay");
  install_variant (EA_EUICC_PROP_COUNTERS, "counters", "a{st}");
  install_variant (EA_EUICC_PROP_LAST_ERROR, "last-error", "(ss)");
  props[EA_EUICC_PROP_SLOT] = g_param_spec_uint ("slot", NULL, NULL, 0, G_MAXUINT, 0,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[EA_EUICC_PROP_LAST_ACTIVITY] = g_param_spec_uint64 (
      "last-activity", NULL, NULL, 0, G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  install_list (EA_EUICC_PROP_CAPABILITIES, "capabilities");
  install_list (EA_EUICC_PROP_EVENTS, "events");
  install_list (EA_EUICC_PROP_KEY_SETS, "key-sets");
  g_object_class_install_properties (object_class, EA_EUICC_N_PROPS, props);
}
