/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "apdu-fault.h"
#include "core/bytes.h"
#include "coverage.h"
#include "hostility.h"
#include "link.h"
#include "port.h"
#include "qmi.h"
#include "qmux.h"
#include "record.h"
#include "reply.h"
#include "slot.h"
#include "smsr-server.h"

/*
 * One simulated modem: port, clients and services. The parts that live by events of their own are
 * the toolkit (terminal.h), the refresh (refresh.h), the registration (registration.h) and the network
 * (network.h).
 */

/* What the modem's firmware leaves to the host. */
typedef enum
{
  SIM_GRANT_HOST,       /* everything that a host asks for */
  SIM_GRANT_OBSERVER,   /* no toolkit event, no route of class 2 */
  SIM_GRANT_NO_CAT,     /* the toolkit services are not there */
  SIM_GRANT_NO_SMS,     /* no route of class 2 */
  SIM_GRANT_NO_CHANNEL, /* no APDU and no logical channel */
} SimGrant;

typedef struct
{
  guint index;     /* which modem of this simulator, from 0 */
  const char *dir; /* outlives the modem */
  SimGrant grant;
  gboolean is_isdr_plain;
  guint8 agent_key_set; /* of the agent's own keys; 0: it has none, as far as the SM-SR knows */
  gboolean reports_all; /* commands without a TLV of their own are reported, too */
  SimSmsrServer *smsr;  /* (nullable): the SM-SR's listeners; outlive the modem */
  const SimLink *link;  /* (nullable): the way to them; outlives the modem */
} SimModemOptions;

typedef struct _SimModem SimModem;
typedef struct _SimNetwork SimNetwork;
typedef struct _SimRefresh SimRefresh;
typedef struct _SimRegistration SimRegistration;
typedef struct _SimTerminal SimTerminal;

/* A client id and what was registered with it. */
typedef struct
{
  guint8 service;
  guint8 cid;
  guint32 cat_events; /* raw mask of Set Event Report */
  guint32 cat_full_function;
  guint32 uim_events;
  gboolean wants_refresh;
  gboolean wants_messages;
  gboolean wants_serving_system;
  gboolean wants_system_info;
  gboolean wants_rejections;
} SimClient;

/**
 * SimRequest:
 * @client: NULL for the control service
 * @reply: the TLVs of the response but the result; a handler that fails may leave some there
 */
typedef struct
{
  SimModem *modem;
  SimClient *client;
  guint16 message;
  EaSpan tlvs;
  EaWriter reply;
  SimApduFate fate; /* what becomes of the response */
} SimRequest;

typedef SimQmiError (*SimServiceFunc) (SimRequest *request);

typedef struct
{
  SimServiceType type;
  const char *name;
  guint16 major;
  guint16 minor;
  guint max_clients;
  SimServiceFunc handle;
} SimService;

struct _SimModem
{
  SimModemOptions options;
  char *imei;
  SimPort *port;
  SimSlot *slot;
  guint card_timer; /* when the card has something to do without a command */
  SimTerminal *terminal;
  SimRefresh *refresh;
  SimNetwork *network;
  GPtrArray *clients; /* of SimClient */
  guint8 last_cids[G_MAXUINT8 + 1];
  guint8 operating_mode;
  SimCoverage coverage;
  SimRegistration *registration;
  guint32 last_token; /* of a long R-APDU */
  gboolean is_busy;   /* a request is being handled: indications wait for its response */
  GQueue held;        /* of GBytes: these indications */
  GQueue faults;      /* of a private type */
  guint slow_ms;
  guint n_dropped;        /* requests still to be swallowed */
  guint n_noises;         /* frames still to have an octet too many in front */
  guint n_wrong_channels; /* logical channels still to be told with a number that there is not */
  SimApduFault apdu_fault;
  SimRecord requests;
  SimRecord times; /* of messages in both directions */
  SimHostility hostility;
};

/* (nullable) with @error: makes the port and starts the card. */
SimModem *sim_modem_new (const SimModemOptions *options, GError **error);
void sim_modem_free (SimModem *modem);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimModem, sim_modem_free)

/* The port goes away, and the modem loses its power: all client ids, registrations and routes are gone. */
void sim_modem_unplug (SimModem *modem);

/**
 * sim_modem_plug:
 * @name: (nullable): of the port from now on; NULL: as before
 *
 * The modem has power again, is online, and its card is ready.
 *
 * Errors: G_FILE_ERROR.
 */
gboolean sim_modem_plug (SimModem *modem, const char *name, GError **error);

/* (transfer full): the JSON object of the control command "state" */
char *sim_modem_get_state (SimModem *modem);

/* The next @count requests of this kind fail with @error; 0: for ever; @error 0 ends it. */
void sim_modem_fail (SimModem *modem, guint8 service, guint16 message, guint16 error, guint count);

/* The error that a request of this kind is to fail with, counted down; SIM_QMI_OK for none. */
SimQmiError sim_modem_take_fault (SimModem *modem, guint8 service, guint16 message);

/* NULL when the modem doesn't offer it. */
const SimService *sim_modem_find_service (const SimModem *modem, guint8 type);
const SimService *sim_modem_get_services (gsize *n_services);

/* (nullable) (transfer none) */
SimClient *sim_modem_find_client (const SimModem *modem, guint8 service, guint8 cid);
SimQmiError sim_modem_allocate_client (SimModem *modem, guint8 service, guint8 *cid);
SimQmiError sim_modem_release_client (SimModem *modem, guint8 service, guint8 cid);
void sim_modem_release_all_clients (SimModem *modem);

void sim_modem_indicate (SimModem *modem, const SimClient *client, guint16 message, EaSpan tlvs);

/* TRUE when the request has this TLV; @value reads it. */
gboolean sim_request_get (const SimRequest *request, guint8 type, EaReader *value);

/* The services, one file each. */
SimQmiError sim_service_ctl (SimRequest *request);
SimQmiError sim_service_wds (SimRequest *request);
SimQmiError sim_service_dms (SimRequest *request);
SimQmiError sim_service_nas (SimRequest *request);
SimQmiError sim_service_wms (SimRequest *request);
SimQmiError sim_service_uim (SimRequest *request);
SimQmiError sim_service_cat (SimRequest *request);

/* Indications to all clients that registered for them. */
void sim_uim_indicate_card_status (SimModem *modem);
void sim_uim_indicate_refresh (SimModem *modem, guint8 stage, guint8 mode, EaSpan files);
void sim_cat_indicate_refresh (SimModem *modem, guint8 stage, guint8 mode);
void sim_cat_indicate_end_of_session (SimModem *modem);
void sim_cat_report_command (SimModem *modem, const SimClient *client, guint8 type,
                             guint32 reference, EaSpan command);
void sim_nas_indicate_registration (SimModem *modem);
void sim_nas_indicate_rejection (SimModem *modem);

/* What the network gives; none unless the application of the slot and the radio are up. */
SimCoverageLevel sim_modem_get_level (const SimModem *modem);
gboolean sim_modem_is_registered (const SimModem *modem);
