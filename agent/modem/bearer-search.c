/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finding or connecting a bearer with ModemManager. */

#include "modem/bearer-search.h"

#include "modem/bearer-private.h"
#include "modem/bearer-record.h"

/* ModemManager gives up by itself before. */
#define CONNECT_TIMEOUT_MS (185 * 1000)

typedef struct
{
  MMModem *modem;
  EaBearerUse use;
  char *apn;
  gboolean is_default;      /* no name was asked for: any will do */
  EaBearerRequest families; /* only those */
  MMBearerProperties *properties;
  EaBearerRecord *record;
  MMBearer *bearer; /* made here */
  guint8 cause;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_clear_object (&search->modem);
  g_clear_object (&search->properties);
  g_clear_object (&search->record);
  g_clear_object (&search->bearer);
  g_free (search->apn);
  g_free (search);
}

/* @error: (transfer full): from ModemManager or the bus */
static void
fail (GTask *task, GError *error)
{
  Search *search = g_task_get_task_data (task);

  g_task_return_error (task, ea_bearer_translate_error (search->bearer, error, &search->cause));
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  MMBearer *bearer = MM_BEARER (source);
  GError *error = NULL;

  if (mm_bearer_connect_finish (bearer, result, &error))
    {
      g_task_return_pointer (task, g_object_ref (bearer), g_object_unref);
      return;
    }
  /* This breaks off what may still go on, too; nobody waits for it. */
  ea_bearer_record_delete_async (search->record, search->modem, mm_bearer_get_path (bearer), NULL,
                                 NULL);
  fail (task, error);
}

/* FALSE after the bearer is given up and @task has ended. */
static gboolean
record_new (GTask *task)
{
  Search *search = g_task_get_task_data (task);
  const char *path = mm_bearer_get_path (search->bearer);
  g_autoptr (GError) error = NULL;

  if (ea_bearer_record_add (search->record, search->modem, path, &error))
    return TRUE;

  ea_bearer_record_delete_async (search->record, search->modem, path, NULL, NULL);
  g_task_return_new_error (task, EA_BEARER_ERROR, EA_BEARER_ERROR_FAILED,
                           "A bearer that can't be recorded is not connected: %s", error->message);
  return FALSE;
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  GError *error = NULL;

  search->bearer = mm_modem_create_bearer_finish (MM_MODEM (source), result, &error);
  if (search->bearer == NULL)
    {
      fail (task, error);
      return;
    }
  if (!record_new (task))
    return;
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (search->bearer), CONNECT_TIMEOUT_MS);
  mm_bearer_connect (search->bearer, g_task_get_cancellable (task), on_connected,
                     g_object_ref (task));
}

static void
connect_new (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  if (search->apn[0] != '\0')
    mm_bearer_properties_set_apn (search->properties, search->apn);
  /* Not cancelled: what was created must be known to be deleted. */
  mm_modem_create_bearer (search->modem, search->properties, NULL, on_created, g_object_ref (task));
}

/* @apn: (nullable): %NULL for any */
static MMBearer *
find_connected (const Search *search, GList *bearers, const char *apn)
{
  for (GList *link = bearers; link != NULL; link = link->next)
    {
      MMBearer *bearer = MM_BEARER (link->data);
      g_autoptr (MMBearerProperties) properties = mm_bearer_get_properties (bearer);
      const char *found = properties != NULL ? mm_bearer_properties_get_apn (properties) : NULL;

      if (!mm_bearer_get_connected (bearer) || mm_bearer_get_interface (bearer) == NULL
          || !ea_bearer_has_family (bearer, &search->families))
        continue;
      if (apn == NULL || (found != NULL && g_ascii_strcasecmp (found, apn) == 0))
        return bearer;
    }
  return NULL;
}

static MMBearer *
choose (const Search *search, GList *bearers)
{
  MMBearer *found = NULL;

  if (search->apn[0] != '\0')
    found = find_connected (search, bearers, search->apn);
  if (found == NULL && (search->is_default || search->use == EA_BEARER_USE_ANY))
    found = find_connected (search, bearers, NULL);
  return found;
}

static void
take_existing (GTask *task, MMBearer *bearer)
{
  if (mm_bearer_get_suspended (bearer))
    g_task_return_new_error (task, EA_BEARER_ERROR, EA_BEARER_ERROR_BUSY_ON_CALL,
                             "The bearer on %s is suspended during a call",
                             mm_bearer_get_interface (bearer));
  else
    g_task_return_pointer (task, g_object_ref (bearer), g_object_unref);
}

static void
on_bearers (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  GError *error = NULL;
  GList *bearers = mm_modem_list_bearers_finish (MM_MODEM (source), result, &error);
  MMBearer *found = choose (search, bearers);

  if (error != NULL)
    fail (task, error);
  else if (found != NULL)
    take_existing (task, found);
  else if (search->use != EA_BEARER_USE_EXISTING)
    connect_new (task);
  else
    g_task_return_new_error (task, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER,
                             "No bearer of the access point '%s' is connected", search->apn);
  g_list_free_full (bearers, g_object_unref);
}

static void
list (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  mm_modem_list_bearers (search->modem, g_task_get_cancellable (task), on_bearers,
                         g_object_ref (task));
}

/* Without one the modem's own choice is as good. */
static void
on_initial (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (MMBearer) initial
      = mm_modem_3gpp_get_initial_eps_bearer_finish (MM_MODEM_3GPP (source), result, NULL);
  g_autoptr (MMBearerProperties) properties
      = initial != NULL ? mm_bearer_get_properties (initial) : NULL;
  const char *apn = properties != NULL ? mm_bearer_properties_get_apn (properties) : NULL;

  if (apn != NULL)
    {
      g_free (search->apn);
      search->apn = g_strdup (apn);
    }
  list (task);
}

static MMBearerProperties *
make_properties (const EaBearerRequest *request)
{
  MMBearerProperties *properties = mm_bearer_properties_new ();

  if (request->user != NULL)
    mm_bearer_properties_set_user (properties, request->user);
  if (request->password != NULL)
    mm_bearer_properties_set_password (properties, request->password);
  if (request->wants_ipv4 && request->wants_ipv6)
    mm_bearer_properties_set_ip_type (properties, MM_BEARER_IP_FAMILY_IPV4V6);
  else if (request->wants_ipv4)
    mm_bearer_properties_set_ip_type (properties, MM_BEARER_IP_FAMILY_IPV4);
  else if (request->wants_ipv6)
    mm_bearer_properties_set_ip_type (properties, MM_BEARER_IP_FAMILY_IPV6);
  return properties;
}

void
ea_bearer_search_async (MMObject *object, EaBearerUse use, const char *apn,
                        const EaBearerRequest *request, EaBearerRecord *record,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (object, cancellable, callback, user_data);
  MMModem3gpp *modem_3gpp = mm_object_peek_modem_3gpp (object);
  Search *search = g_new0 (Search, 1);

  g_task_set_check_cancellable (task, FALSE); /* who gets a bearer that is ours has to release it */
  g_task_set_task_data (task, search, search_free);
  search->modem = mm_object_get_modem (object);
  search->use = use;
  search->apn = g_strdup (apn);
  search->families.wants_ipv4 = request->wants_ipv4;
  search->families.wants_ipv6 = request->wants_ipv6;
  search->is_default = apn[0] == '\0';
  search->record = g_object_ref (record);
  search->properties = make_properties (request);
  if (search->is_default && modem_3gpp != NULL)
    mm_modem_3gpp_get_initial_eps_bearer (modem_3gpp, cancellable, on_initial, g_object_ref (task));
  else
    list (task);
}

MMBearer *
ea_bearer_search_finish (GAsyncResult *result, gboolean *is_ours, guint8 *cause, GError **error)
{
  const Search *search = g_task_get_task_data (G_TASK (result));

  *is_ours = search->bearer != NULL;
  *cause = search->cause;
  return g_task_propagate_pointer (G_TASK (result), error);
}
