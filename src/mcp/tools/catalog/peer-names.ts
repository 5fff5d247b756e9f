/**
 * What servers of others call what ours do, `theirs=ours`. Prompts and scripts that were written for them name these; they
 * are never listed, and answered only where an address asks for the set `compat`.
 */
const NAMES = `
health_check=get_context list_assets=search_assets get_asset_history=get_asset get_asset_downtime_stats=rank_bad_actors
list_workorders=search_work_orders get_workorder=get_work_order get_workorder_kpis=get_maintenance_kpis
check_stock_level=get_item_availability list_low_stock_items=list_items_to_reorder
get_reorder_recommendations=list_items_to_reorder get_purchase_order=get_purchase_document nl_to_oslc_query=preview_query
get_maintenance_kpi_dashboard=get_maintenance_kpis query_audit_log=search_audit_log list_object_structures=describe_object
get_schema_details=describe_object validate_oslc_query=preview_query list_labor=find_available_labor
get_labor_utilization=get_schedule list_locations=get_location_tree get_location=get_location_tree
get_location_hierarchy=get_location_tree
maximo_get_metadata=describe_object os_query_builder=query_records ws_get_records=query_records
ws_update_field=plan_change ws_multi_update=plan_change ws_batch_update=plan_change ws_add_child_record=plan_change
ws_remove_child_record=plan_change ws_delete_record=plan_change ws_preview_changes=get_change ws_commit=commit_change
ws_discard=discard_change ws_list_attachments=list_attachments ws_get_attachment=get_attachment
maximo_plan_status_change=change_work_order_status maximo_change_status=change_work_order_status
maximo_get_workflow_assignments=list_my_inbox maximo_send_workflow_response=respond_to_assignment
maximo_get_audit_logs=search_audit_log mcp_server_status=get_context
query_maximo=query_records get_instance_details=get_context create_record=plan_change update_record=plan_change
run_action=plan_change
maximo_create_workorder=create_work_order maximo_get_workorder=get_work_order maximo_update_workorder=update_work_order
maximo_search_workorders=search_work_orders maximo_change_workorder_status=change_work_order_status
maximo_add_labor=report_labor maximo_add_material=report_materials maximo_add_worklog=add_work_log
maximo_assign_workorder=assign_work maximo_get_asset=get_asset maximo_search_assets=search_assets
maximo_move_asset=move_asset maximo_record_meter=record_meter_reading maximo_get_inventory=get_item_availability
maximo_issue_inventory=issue_items maximo_return_inventory=issue_items
maximo_get_inventory_transactions=get_inventory_transactions maximo_search_items=search_inventory
maximo_get_items_below_reorder=list_items_to_reorder maximo_create_sr=create_service_request
maximo_get_sr=get_service_request maximo_update_sr=update_service_request maximo_search_srs=search_service_requests
maximo_change_sr_status=update_service_request maximo_convert_sr_to_wo=create_work_order_from_request
maximo_get_po=get_purchase_document maximo_search_po=search_purchase_documents maximo_approve_po=change_purchase_status
maximo_receive_po=receive_items maximo_receive_po_line=receive_items maximo_pm_compliance=get_maintenance_kpis
maximo_overdue_workorders=search_work_orders maximo_top_downtime_assets=rank_bad_actors maximo_query=query_records
update_work_order_status=change_work_order_status get_inventory=get_item_availability issue_inventory=issue_items
mcp.listTools=find_tools maximo.execute_query=query_records maximo.execute_operation=plan_change
maximo.metadata.list_object_structures=describe_object maximo.metadata.get_object_structure=describe_object
maximo.intent_to_oslc_plan=preview_query
search_purchase_orders=search_purchase_documents
get_work_orders=search_work_orders get_work_order_detail=get_work_order get_asset_work_history=get_asset
get_open_backlog=get_backlog get_overdue_work_orders=search_work_orders get_pm_compliance=get_maintenance_kpis
get_failure_analysis=get_failure_pareto get_cost_analysis=rank_bad_actors get_assets=search_assets
get_crew_workload=get_schedule
list_jobplans=get_job_plan get_jobplan=get_job_plan
get_workorder_tasks=get_work_order get_workorder_costs=get_work_order
get_workorder_actuals_vs_planned=get_work_order get_schedule_calendar=get_schedule
get_my_assigned_workorders=search_work_orders generate_work_order=create_work_order lookup_error_code=explain_error
`

/** Our name by theirs. */
export const PEER_NAMES: ReadonlyMap<string, string> = new Map(
  NAMES.trim()
    .split(/\s+/)
    .map((pair) => {
      const [theirs = '', ours = ''] = pair.split('=')
      return [theirs, ours] as const
    }),
)

/** A sentence that leads from a name of others to ours, with a leading blank; empty: it is none. */
export function calledHere(name: string): string {
  const ours = PEER_NAMES.get(name)
  return ours === undefined ? '' : ` What other servers call so is ${ours} here.`
}
