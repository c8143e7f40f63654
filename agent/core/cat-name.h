/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What the values of toolkit objects are called in TS 102 223 and TS 31.111. */

typedef enum
{
  EA_CAT_NAMES_ACCESS_TECHNOLOGY,         /* TS 102 223 §8.61 */
  EA_CAT_NAMES_ADDRESS_FAMILY,            /* §8.58 */
  EA_CAT_NAMES_BATTERY_STATE,             /* §8.76 */
  EA_CAT_NAMES_BEARER,                    /* §8.49 */
  EA_CAT_NAMES_BEARER_TYPE,               /* §8.52 */
  EA_CAT_NAMES_BIP_CAUSE,                 /* §8.12.11 */
  EA_CAT_NAMES_BROADCAST_TECHNOLOGY,      /* §8.90 */
  EA_CAT_NAMES_BROWSER_IDENTITY,          /* §8.47 */
  EA_CAT_NAMES_BROWSER_TERMINATION,       /* §8.51 */
  EA_CAT_NAMES_CALL_CAUSE,                /* TS 24.008 §10.5.4.11 */
  EA_CAT_NAMES_CALL_CONTROL_CAUSE,        /* §8.12.8 */
  EA_CAT_NAMES_CHANNEL_INFORMATION,       /* §8.56, second octet */
  EA_CAT_NAMES_CONTACTLESS_STATE,         /* §8.92 */
  EA_CAT_NAMES_DATA_CONNECTION_STATUS,    /* TS 31.111 §8.137 */
  EA_CAT_NAMES_DATA_CONNECTION_TYPE,      /* TS 31.111 §8.138 */
  EA_CAT_NAMES_DEVICE,                    /* §8.7 */
  EA_CAT_NAMES_DURATION_UNIT,             /* §8.8 */
  EA_CAT_NAMES_EVENT,                     /* §8.25 */
  EA_CAT_NAMES_FRAMES_CAUSE,              /* §8.12.12 */
  EA_CAT_NAMES_FRAME_LAYOUT,              /* §8.78 */
  EA_CAT_NAMES_LAUNCH_BROWSER_CAUSE,      /* §8.12.10 */
  EA_CAT_NAMES_LOCAL_BEARER,              /* §8.63 */
  EA_CAT_NAMES_LOCATION_STATUS,           /* §8.27 */
  EA_CAT_NAMES_MEASUREMENT_QUALIFIER,     /* TS 31.111 §8.73 */
  EA_CAT_NAMES_MOBILITY_STATE,            /* TS 31.111 §8.46 */
  EA_CAT_NAMES_MULTIPLE_CARD_CAUSE,       /* §8.12.9 */
  EA_CAT_NAMES_NETWORK_SEARCH_MODE,       /* §8.75 */
  EA_CAT_NAMES_PDP_TYPE,                  /* TS 31.111 §8.52.2 */
  EA_CAT_NAMES_PROVIDE_LOCAL_INFORMATION, /* §8.6 */
  EA_CAT_NAMES_REFRESH,                   /* §8.6 */
  EA_CAT_NAMES_REMOTE_ENTITY_CODING,      /* §8.68 */
  EA_CAT_NAMES_RESULT,                    /* §8.12 */
  EA_CAT_NAMES_RP_CAUSE,                  /* TS 24.011 §8.2.5.4 */
  EA_CAT_NAMES_SESSION_CAUSE,             /* TS 24.008 §10.5.6.6, TS 24.301 §9.9.4.4 */
  EA_CAT_NAMES_TERMINAL_CAUSE,            /* §8.12.2 */
  EA_CAT_NAMES_TIMER_MANAGEMENT,          /* §8.6 */
  EA_CAT_NAMES_TONE,                      /* §8.16 */
  EA_CAT_NAMES_TRANSPORT_PROTOCOL,        /* §8.59 */
  EA_CAT_NAMES_UPDATE_ATTACH_TYPE,        /* TS 31.111 §8.92 */
} EaCatNames;

/* (nullable): the name of @value; %NULL when it is reserved. */
const char *ea_cat_get_name (EaCatNames names, guint8 value);
