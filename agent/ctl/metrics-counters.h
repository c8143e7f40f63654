/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * EaMetricsValue:
 * @counter: name in the agent's property Counters; %NULL: there are no more
 * @value: @more_value: (nullable): of the family's labels
 */
typedef struct
{
  const char *counter;
  const char *value;
  const char *more_value;
} EaMetricsValue;

/* Values of one family, and one to end with */
#define EA_METRICS_VALUES_SIZE 9

/**
 * EaMetricsFamily:
 * @name: of the samples, without prefix; it ends in "_total"
 * @unit: (nullable)
 * @label: @more_label: (nullable): what tells the values apart, besides the eUICC
 *
 * Counters of the agent as one family of metrics.
 */
typedef struct
{
  const char *name;
  const char *unit;
  const char *help;
  const char *label;
  const char *more_label;
  EaMetricsValue values[EA_METRICS_VALUES_SIZE];
} EaMetricsFamily;

/* Ends with one without a name */
extern const EaMetricsFamily ea_metrics_families[];
