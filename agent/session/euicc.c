/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The life of one eUICC: absent → initializing (modem probed, card read) → ready ⇄ refreshing; failed
 * while the modem can't be opened, which is tried again.
 */

#include "session/euicc.h"

#include <string.h>

#include "session/attachment.h"
#include "session/identity.h"
#include "session/ota.h"
#include "session/profile-switch.h"
#include "session/toolkit.h"

#define NAME_LENGTH 16

struct _EaEuicc
{
  GObject parent_instance;

  EaStore *store;
  char *name; /* of its records in the store */
  char *device_id;
  char *path; /* NULL: not attached */
  char *modem_object;
  guint slot;

  EaAttachment *attachment;
  EaModem *modem; /* with its sessions, while the attachment has it */
  EaCard *card;
  EaToolkit *toolkit;
  EaIdentity *identity;
  EaOta *ota;
  EaProfileSwitch *profile_switch;
  EaActivity *activity;
  guint64 accepted_before; /* messages that the card had taken when its ICCID was read last */

  EaLogContext context;
  char *eid;
  char *iccid;
  char *previous_iccid;
  GBytes *atr;
  const char *state;
  char *state_reason;

  GTask *close_task; /* waits until nothing is on its way */
  guint drain_id;
};

enum
{
  PROP_EID = 1,
  PROP_ICCID,
  PROP_PREVIOUS_ICCID,
  PROP_ATR,
  PROP_SLOT,
  PROP_MODEM,
  PROP_DEVICE,
  PROP_DEVICE_ID,
  PROP_IMEI,
  PROP_ROLE,
  PROP_ROLE_REASON,
  PROP_STATE,
  PROP_STATE_REASON,
  PROP_CAPABILITIES,
  PROP_CAT_MODE,
  PROP_COUNTERS,
  PROP_LAST_ACTIVITY,
  PROP_LAST_ERROR,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint profile_changed_signal;

G_DEFINE_FINAL_TYPE (EaEuicc, ea_euicc, G_TYPE_OBJECT)

/* @state is one of the five words, a literal. */
static void
set_state (EaEuicc *self, const char *state, const char *reason)
{
  if (strcmp (self->state, state) == 0 && g_strcmp0 (self->state_reason, reason) == 0)
    return;

  self->state = state;
  g_free (self->state_reason);
  self->state_reason = g_strdup (reason);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE_REASON]);
}

static void
set_string (EaEuicc *self, char **field, const char *value, guint property)
{
  if (g_strcmp0 (*field, value) == 0)
    return;

  g_free (*field);
  *field = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), props[property]);
}

static void
notify_modem_properties (EaEuicc *self)
{
  static const guint changed[]
      = { PROP_IMEI, PROP_ROLE, PROP_ROLE_REASON, PROP_CAPABILITIES, PROP_CAT_MODE, PROP_DEVICE };

  for (gsize i = 0; i < G_N_ELEMENTS (changed); i++)
    g_object_notify_by_pspec (G_OBJECT (self), props[changed[i]]);
}

static void
on_activity_changed (EaActivity *activity, gpointer user_data)
{
  GObject *object = G_OBJECT (user_data);

  g_object_notify_by_pspec (object, props[PROP_COUNTERS]);
  g_object_notify_by_pspec (object, props[PROP_LAST_ACTIVITY]);
  g_object_notify_by_pspec (object, props[PROP_LAST_ERROR]);
}

static guint64
get_accepted_messages (EaEuicc *self)
{
  g_autoptr (GVariant) counters = g_variant_ref_sink (ea_activity_get_counters (self->activity));
  guint64 accepted = 0;

  (void) g_variant_lookup (counters, EA_COUNTER_SMS_ACCEPTED, "t", &accepted); /* else none */
  return accepted;
}

static void
become_ready (EaEuicc *self, const char *reason)
{
  set_state (self, "ready", reason);
  ea_attachment_settle (self->attachment);
  if (ea_modem_get_role (self->modem) == EA_MODEM_ROLE_HOST)
    ea_ota_resume (self->ota);
}

static void
on_atr_read (EaIdentity *identity, GBytes *atr, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  g_clear_pointer (&self->atr, g_bytes_unref);
  self->atr = g_bytes_ref (atr);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ATR]);
}

static void
on_eid_read (EaIdentity *identity, const char *eid, const GError *error, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);
  g_autofree char *reason = NULL;

  if (eid != NULL)
    set_string (self, &self->eid, eid, PROP_EID);
  else
    reason = g_strdup_printf ("the EID can't be read: %s", error->message);
  self->context.eid = self->eid;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CAPABILITIES]);
  become_ready (self, reason != NULL ? reason : "the card is ready");
}

static void
take_iccid (EaEuicc *self, const char *iccid)
{
  guint64 accepted = get_accepted_messages (self);
  const char *reason = accepted > self->accepted_before ? "sm-sr" : "unknown";
  g_autofree char *old = NULL;

  self->accepted_before = accepted;
  if (g_strcmp0 (self->iccid, iccid) == 0)
    return;

  old = g_strdup (self->iccid);
  set_string (self, &self->iccid, iccid, PROP_ICCID);
  if (old == NULL)
    return;
  set_string (self, &self->previous_iccid, old, PROP_PREVIOUS_ICCID);
  ea_log_message (&self->context, EA_MESSAGE_PROFILE_CHANGED, "Profile changed (%s)", reason);
  g_signal_emit (self, profile_changed_signal, 0, old, iccid, reason);
}

static void
on_switch_began (EaProfileSwitch *profile_switch, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (self->iccid != NULL)
    set_state (self, "refreshing", "the card starts anew");
}

static void
on_switch_ended (EaProfileSwitch *profile_switch, const char *iccid, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (iccid == NULL)
    {
      if (ea_modem_get_card (self->modem) == EA_MODEM_CARD_ABSENT)
        set_state (self, "absent", "the modem has no card");
      else
        set_state (self, "failed", "the enabled profile can't be read");
      return;
    }

  take_iccid (self, iccid);
  if (!ea_identity_read (self->identity))
    become_ready (self, "the card is ready");
}

/* Another card may come: what was read is shown until then, and not relied upon. */
static void
forget_card (EaEuicc *self)
{
  ea_identity_forget (self->identity);
  g_clear_pointer (&self->atr, g_bytes_unref);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ATR]);
}

static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (card == EA_MODEM_CARD_ABSENT)
    forget_card (self);

  /* While a card starts anew it is refreshing or initializing, not gone. */
  if (card == EA_MODEM_CARD_ABSENT && strcmp (self->state, "ready") == 0)
    set_state (self, "absent", "the modem has no card");
  else if (card == EA_MODEM_CARD_FAILED)
    set_state (self, "failed", "the modem can't read the card");
}

static void
on_dropped (EaAttachment *attachment, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  forget_card (self);
  g_clear_object (&self->profile_switch);
  g_clear_object (&self->identity);
  g_clear_object (&self->ota);
  g_clear_object (&self->toolkit);
  g_clear_object (&self->card);
  g_signal_handlers_disconnect_by_data (self->modem, self);
  g_clear_object (&self->modem);
  notify_modem_properties (self);
}

static void
on_failed (EaAttachment *attachment, const GError *error, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (strcmp (self->state, "failed") != 0)
    ea_log_warning (&self->context, EA_MESSAGE_MODEM_FAILED, "%s", error->message);
  ea_activity_fail (self->activity, error);
  set_state (self, "failed", error->message);
}

/* From here on the card is watched; before, the role is not known. */
static void
watch_card (EaEuicc *self)
{
  self->profile_switch = ea_profile_switch_new (self->modem, self->activity, &self->context);
  g_signal_connect_object (self->profile_switch, "began", G_CALLBACK (on_switch_began), self, 0);
  g_signal_connect_object (self->profile_switch, "ended", G_CALLBACK (on_switch_ended), self, 0);
  if (ea_modem_get_card (self->modem) != EA_MODEM_CARD_ABSENT)
    ea_profile_switch_start (self->profile_switch);
}

static void
on_opened (EaAttachment *attachment, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  ea_log_message (&self->context, EA_MESSAGE_ROLE_TAKEN, "Role %s: %s",
                  ea_modem_role_to_string (ea_modem_get_role (self->modem)),
                  ea_modem_get_role_reason (self->modem));
  notify_modem_properties (self);
  if (ea_modem_get_card (self->modem) == EA_MODEM_CARD_ABSENT)
    set_state (self, "absent", "the modem has no card");
  watch_card (self);
}

static void
on_made (EaAttachment *attachment, EaModem *modem, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  self->modem = g_object_ref (modem);
  self->card = ea_card_new (modem);
  self->toolkit = ea_toolkit_new (modem, self->card, self->activity, &self->context);
  self->ota
      = ea_ota_new (modem, self->card, self->store, self->name, self->activity, &self->context);
  self->identity = ea_identity_new (modem, self->card, self->activity, &self->context);
  g_signal_connect_object (self->identity, "eid-read", G_CALLBACK (on_eid_read), self, 0);
  g_signal_connect_object (self->identity, "atr-read", G_CALLBACK (on_atr_read), self, 0);
  g_signal_connect_object (modem, "card-changed", G_CALLBACK (on_card_changed), self, 0);
  if (strcmp (self->state, "failed") != 0)
    set_state (self, "initializing", "the modem is being probed");
}

static void
take_modem_object (EaEuicc *self, EaModemManager *modem_manager, gboolean *is_messaging_shared)
{
  g_autofree char *object = ea_modem_manager_find (modem_manager, self->path, is_messaging_shared);

  set_string (self, &self->modem_object, object, PROP_MODEM);
}

void
ea_euicc_attach (EaEuicc *self, const char *path, const EaConfig *config,
                 EaModemManager *modem_manager)
{
  EaQmiModemOptions options = {
    .proxy = (EaModemProxy) ea_config_get_choice (config, "modem", path, "Proxy"),
    .role = (EaModemRole) ea_config_get_choice (config, "modem", path, "Role"),
    .slot = ea_config_get_number (config, "modem", path, "Slot"),
  };

  g_return_if_fail (self->path == NULL);

  self->path = g_strdup (path);
  self->context.modem = self->path;
  self->slot = options.slot;
  options.path = self->path;
  take_modem_object (self, modem_manager, &options.is_messaging_shared);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SLOT]);
  set_state (self, "initializing", "the modem is being probed");
  ea_attachment_start (self->attachment, &options);
}

void
ea_euicc_detach (EaEuicc *self)
{
  ea_attachment_stop (self->attachment);
  set_state (self, "absent", "the modem is not there");
  ea_log_message (&self->context, EA_MESSAGE_MODEM_LOST, "The modem is gone");
  self->context.modem = NULL;
  set_string (self, &self->modem_object, EA_MODEM_MANAGER_NO_OBJECT, PROP_MODEM);
  g_clear_pointer (&self->path, g_free);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DEVICE]);
}

void
ea_euicc_look_beside (EaEuicc *self, EaModemManager *modem_manager)
{
  gboolean is_messaging_shared;

  if (self->path == NULL)
    return;
  take_modem_object (self, modem_manager, &is_messaging_shared);
  ea_attachment_set_messaging_shared (self->attachment, is_messaging_shared);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  ea_attachment_close_finish (EA_ATTACHMENT (source), result);
  g_task_return_boolean (task, TRUE);
}

static void on_drained (EaEuicc *self);

/* The second half of closing. */
static void
close_attachment (EaEuicc *self)
{
  g_clear_handle_id (&self->drain_id, g_source_remove);
  if (self->ota != NULL)
    g_signal_handlers_disconnect_by_func (self->ota, on_drained, self);
  if (self->toolkit != NULL)
    g_signal_handlers_disconnect_by_func (self->toolkit, on_drained, self);
  ea_attachment_close_async (self->attachment, on_closed, g_steal_pointer (&self->close_task));
}

static void
on_drained (EaEuicc *self)
{
  if (self->close_task != NULL && ea_ota_is_idle (self->ota) && ea_toolkit_is_idle (self->toolkit))
    close_attachment (self);
}

static gboolean
on_drain_limit (gpointer user_data)
{
  EaEuicc *self = user_data;

  self->drain_id = 0;
  ea_log_warning (&self->context, NULL,
                  "The card or the network is too slow to wait for at the end");
  close_attachment (self);
  return G_SOURCE_REMOVE;
}

/* What is on its way between network and card is brought to its end first: an acknowledgement and a TERMINAL
 * RESPONSE are owed. */
void
ea_euicc_close_async (EaEuicc *self, GAsyncReadyCallback callback, gpointer user_data)
{
  self->close_task = g_task_new (self, NULL, callback, user_data);
  if (self->ota == NULL)
    {
      close_attachment (self);
      return;
    }
  self->drain_id = g_timeout_add (EA_EUICC_DRAIN_LIMIT_MS, on_drain_limit, self);
  g_signal_connect_object (self->ota, "idle", G_CALLBACK (on_drained), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->toolkit, "idle", G_CALLBACK (on_drained), self, G_CONNECT_SWAPPED);
  ea_ota_drain (self->ota);
  on_drained (self);
}

void
ea_euicc_close_finish (EaEuicc *self, GAsyncResult *result)
{
  (void) g_task_propagate_boolean (G_TASK (result), NULL); /* always succeeds */
}

const char *
ea_euicc_get_device_id (EaEuicc *self)
{
  return self->device_id;
}

gboolean
ea_euicc_is_attached (EaEuicc *self)
{
  return self->path != NULL;
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
    { EA_MODEM_REFRESH, "refresh" },   { EA_MODEM_SEND_SMS, "send-sms" },
    { EA_MODEM_SMS_PP, "sms-pp" },     { EA_MODEM_TOOLKIT, "toolkit" },
  };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; self->modem != NULL && i < G_N_ELEMENTS (names); i++)
    if ((ea_modem_get_capabilities (self->modem) & names[i].capability) != 0)
      g_strv_builder_add (builder, names[i].name);
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
    case PROP_EID:
      g_value_set_string (value, or_empty (self->eid));
      break;
    case PROP_ICCID:
      g_value_set_string (value, or_empty (self->iccid));
      break;
    case PROP_PREVIOUS_ICCID:
      g_value_set_string (value, or_empty (self->previous_iccid));
      break;
    case PROP_ATR:
      g_value_set_variant (value, get_atr (self));
      break;
    case PROP_SLOT:
      g_value_set_uint (value, self->slot);
      break;
    case PROP_MODEM:
      g_value_set_string (value, self->modem_object);
      break;
    case PROP_DEVICE:
      g_value_set_string (value, or_empty (self->path));
      break;
    case PROP_DEVICE_ID:
      g_value_set_string (value, self->device_id);
      break;
    case PROP_IMEI:
      g_value_set_string (value, self->modem != NULL ? ea_modem_get_imei (self->modem) : "");
      break;
    case PROP_ROLE:
      g_value_set_string (value, get_role (self));
      break;
    case PROP_ROLE_REASON:
      g_value_set_string (value, self->modem != NULL ? ea_modem_get_role_reason (self->modem) : "");
      break;
    case PROP_STATE:
      g_value_set_string (value, self->state);
      break;
    case PROP_STATE_REASON:
      g_value_set_string (value, or_empty (self->state_reason));
      break;
    case PROP_CAPABILITIES:
      g_value_take_boxed (value, get_capabilities (self));
      break;
    case PROP_CAT_MODE:
      g_value_set_string (value, self->modem != NULL ? ea_modem_get_cat_mode (self->modem) : "");
      break;
    case PROP_COUNTERS:
      g_value_set_variant (value, ea_activity_get_counters (self->activity));
      break;
    case PROP_LAST_ACTIVITY:
      g_value_set_uint64 (value, ea_activity_get_last_time_us (self->activity));
      break;
    case PROP_LAST_ERROR:
      g_value_set_variant (value, ea_activity_get_last_error (self->activity));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ea_euicc_dispose (GObject *object)
{
  EaEuicc *self = EA_EUICC (object);

  g_clear_handle_id (&self->drain_id, g_source_remove);
  if (self->attachment != NULL)
    ea_attachment_stop (self->attachment);
  g_clear_object (&self->attachment);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_euicc_parent_class)->dispose (object);
}

static void
ea_euicc_finalize (GObject *object)
{
  EaEuicc *self = EA_EUICC (object);

  g_free (self->name);
  g_free (self->device_id);
  g_free (self->path);
  g_free (self->modem_object);
  g_free (self->eid);
  g_free (self->iccid);
  g_free (self->previous_iccid);
  g_free (self->state_reason);
  g_clear_pointer (&self->atr, g_bytes_unref);
  G_OBJECT_CLASS (ea_euicc_parent_class)->finalize (object);
}

static void
install_string (guint id, const char *name)
{
  props[id] = g_param_spec_string (name, NULL, NULL, "", G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_variant (guint id, const char *name, const char *type)
{
  props[id] = g_param_spec_variant (name, NULL, NULL, G_VARIANT_TYPE (type), NULL,
                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
ea_euicc_class_init (EaEuiccClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ea_euicc_get_property;
  object_class->dispose = ea_euicc_dispose;
  object_class->finalize = ea_euicc_finalize;

  install_string (PROP_EID, "eid");
  install_string (PROP_ICCID, "iccid");
  install_string (PROP_PREVIOUS_ICCID, "previous-iccid");
  install_string (PROP_MODEM, "modem");
  install_string (PROP_DEVICE, "device");
  install_string (PROP_DEVICE_ID, "device-id");
  install_string (PROP_IMEI, "imei");
  install_string (PROP_ROLE, "role");
  install_string (PROP_ROLE_REASON, "role-reason");
  install_string (PROP_STATE, "state");
  install_string (PROP_STATE_REASON, "state-reason");
  install_string (PROP_CAT_MODE, "cat-mode");
  install_variant (PROP_ATR, "atr", "ay");
  install_variant (PROP_COUNTERS, "counters", "a{st}");
  install_variant (PROP_LAST_ERROR, "last-error", "(ss)");
  props[PROP_SLOT] = g_param_spec_uint ("slot", NULL, NULL, 0, G_MAXUINT, 0,
                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_LAST_ACTIVITY] = g_param_spec_uint64 ("last-activity", NULL, NULL, 0, G_MAXUINT64, 0,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_CAPABILITIES] = g_param_spec_boxed ("capabilities", NULL, NULL, G_TYPE_STRV,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  profile_changed_signal
      = g_signal_new ("profile-changed", EA_TYPE_EUICC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
}

static void
ea_euicc_init (EaEuicc *self)
{
  self->state = "absent";
  self->modem_object = g_strdup (EA_MODEM_MANAGER_NO_OBJECT);
  self->activity = ea_activity_new ();
  g_signal_connect_object (self->activity, "changed", G_CALLBACK (on_activity_changed), self, 0);
}

EaEuicc *
ea_euicc_new (const char *device_id, EaStore *store)
{
  EaEuicc *self = g_object_new (EA_TYPE_EUICC, NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, device_id, -1);

  self->device_id = g_strdup (device_id);
  self->name = g_strndup (digest, NAME_LENGTH);
  self->store = store;
  self->attachment = ea_attachment_new (store, self->name, &self->context);
  g_signal_connect_object (self->attachment, "made", G_CALLBACK (on_made), self, 0);
  g_signal_connect_object (self->attachment, "opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (self->attachment, "failed", G_CALLBACK (on_failed), self, 0);
  g_signal_connect_object (self->attachment, "dropped", G_CALLBACK (on_dropped), self, 0);
  return self;
}
